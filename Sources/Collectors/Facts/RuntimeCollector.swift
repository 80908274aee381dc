import Model

/// The container runtime that the kubelet talks to: which one it is, and whether anybody listens on its socket.
enum RuntimeCollector: Collector {
  static let name = "runtime"

  static let answers: [(key: String, summary: String)] = [
    ("runtime.name", "containerd, crio, cri-dockerd or docker, by the kubelet's endpoint, else by what is installed."),
    ("runtime.endpoint", "The socket that the kubelet talks to."),
    ("runtime.endpointListening", "Whether anybody listens on it; /proc/net/unix of proc_net(5)."),
    ("runtime.sockets", "The known CRI sockets that are there."),
    ("runtime.listeningSockets", "The known CRI sockets that somebody listens on."),
  ]

  private static let sockets = [
    "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/cri-dockerd.sock",
    "/run/k3s/containerd/containerd.sock",
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let listening = listening(source)
    let endpoint = endpoint(known)
    if let endpoint {
      collected.add("runtime.endpoint", .text(endpoint.path), from: endpoint.fact.source, line: endpoint.fact.line)
    } else {
      collected.leaveOpen("runtime.endpoint", because: .notCaptured)
    }
    name(endpoint?.path, source, known, &collected)
    do throws(ReadError) {
      guard let path = endpoint?.path else { throw .notCaptured }
      collected.add(
        "runtime.endpointListening", .bool(try isListening(path, listening, source)), from: origin(listening, path))
    } catch {
      collected.leaveOpen("runtime.endpointListening", because: error)
    }
    do throws(ReadError) {
      guard try source.exists("/run") else { throw .notCaptured }
      var there: [String] = []
      for path in sockets where try source.exists(path) { there.append(path) }
      collected.add("runtime.sockets", .list(there), from: "/run")
    } catch {
      collected.leaveOpen("runtime.sockets", because: error)
    }
    do throws(ReadError) {
      var heard: [String] = []
      for path in sockets where try isListening(path, listening, source) { heard.append(path) }
      collected.add("runtime.listeningSockets", .list(heard), from: origin(listening, "/run"))
    } catch {
      collected.leaveOpen("runtime.listeningSockets", because: error)
    }
    return collected
  }

  private static func origin(_ listening: Set<String>?, _ path: String) -> String {
    listening == nil ? path : "/proc/net/unix"
  }

  /// The sockets that somebody listens on; nil where /proc/net/unix was not captured.
  ///
  /// - SeeAlso: https://github.com/torvalds/linux/blob/master/net/unix/af_unix.c (unix_seq_show)
  private static func listening(_ source: any Source) -> Set<String>? {
    guard let bytes = try? source.contents(of: "/proc/net/unix", limit: 16 << 20) else { return nil }
    var paths: Set<String> = []
    for line in String(decoding: bytes, as: UTF8.self).configLines {
      let words = line.words
      // Flag __SO_ACCEPTCON: the socket accepts connections.
      guard words.count >= 8, words[3] == "00010000" else { continue }
      paths.insert(normalized(words[7]))
    }
    return paths
  }

  private static func isListening(
    _ path: String, _ listening: Set<String>?, _ source: any Source
  ) throws(ReadError) -> Bool {
    if let listening { return listening.contains(path) }
    // What does not exist has no listener; what exists may have lost its own.
    guard try source.exists("/run") else { throw .notCaptured }
    if try !source.exists(path) { return false }
    throw .notCaptured
  }

  static func normalized(_ path: String) -> String {
    var path = path
    for scheme in ["unix://", "unix:"] where path.hasPrefix(scheme) { path = String(path.dropFirst(scheme.count)) }
    while path.hasPrefix("//") { path.removeFirst() }
    return path.hasPrefix("/var/run/") ? String(path.dropFirst(4)) : path
  }

  private static func endpoint(_ known: KnownFacts) -> (path: String, fact: Fact)? {
    if let fact = known["kubelet.runtimeEndpoint"], let text = fact.value?.text { return (normalized(text), fact) }
    guard let fact = known["node.distribution"], let name = fact.value?.text, name == "k3s" || name == "rke2" else {
      return nil
    }
    return ("/run/k3s/containerd/containerd.sock", fact)
  }

  private static func name(
    _ endpoint: String?, _ source: any Source, _ known: KnownFacts, _ collected: inout Collected
  ) {
    var answer: (name: String, from: String, line: Int?)?
    if let endpoint {
      let origin = known["kubelet.runtimeEndpoint"] ?? known["node.distribution"]
      let names = [
        ("cri-dockerd", "cri-dockerd"), ("dockershim", "docker"), ("crio", "crio"), ("containerd", "containerd"),
      ]
      if let found = names.first(where: { endpoint.contains($0.0) }) {
        answer = (found.1, origin?.source ?? endpoint, origin?.line)
      }
    } else {
      let isContainerd = known.bool("containerd.installed") ?? (known.bool("containerd.configExists") == true)
      let isCrio = known.bool("crio.installed") ?? source.has("/etc/crio")
      if isContainerd != isCrio {
        let origin = known[isContainerd ? "containerd.installed" : "crio.installed"]?.source
        answer = (isContainerd ? "containerd" : "crio", origin ?? (isContainerd ? "/etc/containerd" : "/etc/crio"), nil)
      }
    }
    guard let answer else {
      return collected.leaveOpen("runtime.name", because: .notCaptured)
    }
    collected.add("runtime.name", .text(answer.name), from: answer.from, line: answer.line)
  }
}
