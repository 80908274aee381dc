import Model

/// What the node reaches by its network: its own name, and the registries that its images come from.
///
/// The registries are told from files. Whether they are reached is asked only where the user allowed that questions
/// leave the machine.
/// - SeeAlso: getent(1), tcp(7), https://pkg.go.dev/golang.org/x/net/http/httpproxy
enum ReachCollector: Collector {
  static let name = "reach"

  static let answers: [(key: String, summary: String)] = [
    ("dns.hostnameAddresses", "the addresses that the resolver has for the node's name; needs --network: getent(1)"),
    ("dns.resolves", "whether the resolver knows one of the registries' names; needs --network: getent(1)"),
    (
      "registry.endpoints",
      "the hosts that images come from, mirrors included, with their ports: hosts.toml of containerd"
    ),
    ("registry.reachable", "whether each registry, or a mirror of it, accepts connections; needs --network: tcp(7)"),
    ("registry.unreachable", "the registries that do not, with the reason; needs --network: connect(2)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addHostname(to: &collected, from: source, known: known)
    let registries = Registries(from: source, known: known)
    let endpoints = registries.list.flatMap(\.ways).map(\.text).distinct
    collected.add("registry.endpoints", list: endpoints, from: registries.origin.path, line: registries.origin.line)
    addReach(to: &collected, registries.list, from: source, known: known)
    return collected
  }

  private static func addHostname(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let key = "dns.hostnameAddresses"
    guard let name = known.filled("node.hostname"), isHostName(name) else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let probe = ReadOnlyCommand.resolve(name)
    collected.answer(key, from: "getent ahosts \(name)") { () throws(ReadError) in
      .list(ReadOnlyCommand.addresses(in: try source.answer(to: .command(probe))))
    }
  }

  private static func addReach(
    to collected: inout Collected, _ registries: [Registries.Registry], from source: any Source, known: KnownFacts
  ) {
    var resolver = Resolver(source: source)
    var unreached: [String] = []
    do throws(ReadError) {
      for registry in registries {
        var refusals: [String] = []
        for way in registry.ways {
          let hop = way.hop(known)
          guard let reason = try resolver.refusal(of: hop.host, hop.port) else {
            refusals = []
            break
          }
          refusals.append(hop == way ? "\(way.text): \(reason)" : "\(way.text) by the proxy \(hop.text): \(reason)")
        }
        if !refusals.isEmpty { unreached.append(refusals.joined(separator: "; ")) }
      }
    } catch {
      return collected.leaveOpen(["dns.resolves", "registry.reachable", "registry.unreachable"], because: error)
    }
    let origin = registries.flatMap(\.ways).map(\.text).distinct.joined(separator: ", ")
    collected.add("registry.reachable", bool: unreached.isEmpty, from: "connection to \(origin)")
    collected.add("registry.unreachable", list: unreached, from: "connection to \(origin)")
    let names = resolver.outcomes.keys.sorted().joined(separator: " ")
    // A node that needs no name for its images says nothing of its resolver.
    let doesResolve = names.isEmpty ? nil : FactValue.bool(resolver.outcomes.values.contains(true))
    collected.add("dns.resolves", doesResolve, from: "getent ahosts \(names)")
  }

  /// Whether `name` can be a host's: what is asked comes from files.
  static func isHostName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count < 254 && !name.hasPrefix("-")
      && name.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 32) || [45, 46, 95].contains($0) }
  }
}

/// Resolves names and tries connections, each once.
private struct Resolver {
  let source: any Source
  /// Whether a name was resolved.
  private(set) var outcomes: [String: Bool] = [:]
  private var refusals: [String: String?] = [:]
  /// Name servers that do not answer cost their time once.
  private var isSilent = false

  init(source: any Source) { self.source = source }

  /// Why no connection can be made; nil where one was.
  ///
  /// - Throws: where it could not be tried.
  mutating func refusal(of host: String, _ port: UInt16) throws(ReadError) -> String? {
    let key = "\(host) \(port)"
    if let known = refusals[key] { return known }
    var refusal: String?
    if IPAddress(host) == nil, try !resolves(host) {
      refusal = isSilent ? "name servers do not answer" : "the name cannot be resolved"
    } else {
      do throws(ReadError) {
        _ = try source.answer(to: .connect(host: host, port: port))
      } catch {
        switch error {
        case .timedOut, .failed: refusal = "\(error)"
        case .absent, .notCaptured, .notAsked, .denied, .interrupted, .empty, .malformed: throw error
        }
      }
    }
    refusals[key] = .some(refusal)
    return refusal
  }

  private mutating func resolves(_ name: String) throws(ReadError) -> Bool {
    if let known = outcomes[name] { return known }
    if isSilent { return false }
    var isKnown = false
    do throws(ReadError) {
      isKnown = !ReadOnlyCommand.addresses(in: try source.answer(to: .command(.resolve(name)))).isEmpty
    } catch {
      guard case .timedOut = error else { throw error }
      isSilent = true
    }
    outcomes[name] = isKnown
    return isKnown
  }
}
