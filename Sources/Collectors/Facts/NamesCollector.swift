import Model

/// How the node resolves names.
///
/// - SeeAlso: resolv.conf(5), hosts(5), nsswitch.conf(5)
enum NamesCollector: Collector {
  static let name = "names"

  static let answers: [(key: String, summary: String)] = [
    ("dns.nameservers", "the name servers of the file that pods inherit: resolv.conf(5)"),
    ("dns.nameserverCount", "how many there are; the resolver uses three: resolv.conf(5)"),
    ("dns.loopbackNameservers", "those that pods cannot reach, because they are on the loopback interface"),
    ("dns.searchDomains", "the search list: resolv.conf(5)"),
    ("hosts.localhostResolves", "whether localhost means the loopback interface: hosts(5)"),
    ("hosts.hostnameResolves", "whether the node's own name resolves; open where only DNS could tell: hosts(5)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let configured = known.filled("kubelet.resolvConf")
    addServers(to: &collected, from: source, path: configured ?? "/etc/resolv.conf")
    addHosts(to: &collected, from: source, known: known)
    return collected
  }

  private static func addServers(to collected: inout Collected, from source: any Source, path: String) {
    let keys = ["dns.nameservers", "dns.nameserverCount", "dns.loopbackNameservers", "dns.searchDomains"]
    switch source.reading(path) {
    case .absent: for key in keys { collected.add(key, nil, from: path) }
    case .unknown(let error): collected.leaveOpen(keys, because: error)
    case .found(let text):
      let file = ResolverFile(text)
      let loopback = file.servers.filter { IPAddress($0.text)?.isLoopback == true }
      collected.add(keys[0], list: file.servers.map(\.text), from: path, line: file.servers.first?.number)
      collected.add(keys[1], .number(Double(file.servers.count)), from: path, line: file.servers.last?.number)
      collected.add(keys[2], list: loopback.map(\.text), from: path, line: loopback.first?.number)
      collected.add(keys[3], list: file.search, from: path, line: file.searchLine)
    }
  }

  private static func addHosts(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let path = "/etc/hosts"
    let keys = ["hosts.localhostResolves", "hosts.hostnameResolves"]
    let read = source.reading(path)
    if let error = read.error { return collected.leaveOpen(keys, because: error) }
    let entries = numberedLines(read.value ?? "").compactMap { line -> (IPAddress, [String], Int)? in
      let content = NumberedLine(number: line.number, text: String(line.text.prefix { $0 != "#" })).fields
      guard let first = content.first, let address = IPAddress(first) else { return nil }
      return (address, content.dropFirst().map { $0.lowercased() }, line.number)
    }
    let switches = nameServices(source)
    let localhost = entries.filter { $0.1.contains("localhost") }
    if let good = localhost.first(where: \.0.isLoopback) {
      collected.add(keys[0], bool: true, from: path, line: good.2)
    } else if let wrong = localhost.first {
      collected.add(keys[0], bool: false, from: path, line: wrong.2)
    } else if let switches, read.value != nil {
      let isSynthetic = switches.contains("myhostname") || switches.contains("resolve")
      collected.add(keys[0], bool: isSynthetic, from: isSynthetic ? "/etc/nsswitch.conf" : path)
    } else {
      // Without the file, name servers are asked, and they should know localhost (RFC 6761 section 6.3).
      collected.leaveOpen(keys[0], because: .notCaptured)
    }
    addHostname(to: &collected, from: source, known: known, entries: entries, switches: switches)
  }

  private static func addHostname(
    to collected: inout Collected, from source: any Source, known: KnownFacts,
    entries: [(IPAddress, [String], Int)], switches: [String]?
  ) {
    let key = "hosts.hostnameResolves"
    guard let hostname = known.filled("node.hostname")?.lowercased() else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    if let entry = entries.first(where: { $0.1.contains(hostname) }) {
      return collected.add(key, bool: true, from: "/etc/hosts", line: entry.2)
    }
    // Every distribution brings the file: a copy without it left it out.
    guard let switches, source.reading("/etc/hosts").value != nil else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    if switches.contains("myhostname") || switches.contains("resolve") {
      return collected.add(key, bool: true, from: "/etc/nsswitch.conf")
    }
    let resolver = source.reading("/etc/resolv.conf")
    let isAlone: Bool
    switch resolver {
    case .absent: isAlone = true
    case .unknown(let error): return collected.leaveOpen(key, because: error)
    case .found(let text): isAlone = ResolverFile(text).servers.isEmpty
    }
    let asksElsewhere = switches.contains { !["files", "myhostname"].contains($0) && !(isAlone && $0 == "dns") }
    if asksElsewhere {
      collected.leaveOpen(key, because: .notCaptured)
    } else {
      collected.add(key, bool: false, from: "/etc/hosts")
    }
  }

  /// The services that nsswitch.conf(5) names for hosts; nil where they are not known.
  private static func nameServices(_ source: any Source) -> [String]? {
    switch source.reading("/etc/nsswitch.conf") {
    case .absent: return ["files", "dns"]
    case .unknown: return nil
    case .found(let text):
      let line = numberedLines(text).first { $0.text.trimmed.hasPrefix("hosts:") }
      guard let line else { return ["files", "dns"] }
      return line.text.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).dropFirst()
        .filter { !$0.hasPrefix("[") }.map(String.init)
    }
  }
}

/// The settings of resolv.conf(5) that matter to pods.
private struct ResolverFile {
  var servers: [NumberedLine] = []
  var search: [String] = []
  var searchLine: Int?

  init(_ text: String) {
    for line in numberedLines(text) {
      let fields = line.fields
      guard fields.count >= 2 else { continue }
      switch fields[0] {
      case "nameserver": servers.append(NumberedLine(number: line.number, text: fields[1]))
      case "search", "domain":
        search = Array(fields.dropFirst())
        searchLine = line.number
      default: continue
      }
    }
  }
}
