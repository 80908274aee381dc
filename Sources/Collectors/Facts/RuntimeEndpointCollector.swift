import Model
import YAMLTree

/// Whether the socket that the kubelet asks is the one that a runtime answers, and what each runtime starts.
enum RuntimeEndpointCollector: Collector {
  static let name = "runtime endpoint"

  static let answers: [(key: String, summary: String)] = [
    ("runtime.misdirected", "why the kubelet's endpoint is not that of the runtime in use: CRI, kubelet(1)"),
    ("runtime.down", "the runtime that the kubelet asks and that does not listen: proc_net(5)"),
    ("runtime.ambiguousSockets", "the sockets among which kubeadm could not choose on a node that has not joined"),
    ("runtime.missingPrograms", "OCI runtimes that the runtime is told to start and the node does not have"),
    (
      "kubelet.takesDriverFromRuntime", "whether kubelet and runtime surely agree on the driver by themselves: KEP-4033"
    ),
    ("crictl.endpointWrong", "the endpoint of /etc/crictl.yaml, where nothing stands at it: crictl(1)"),
  ]

  private static let defaults = [
    ("containerd", "/run/containerd/containerd.sock"), ("crio", "/run/crio/crio.sock"),
    ("cri-dockerd", "/run/cri-dockerd.sock"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addEndpoint(to: &collected, source, known)
    addAmbiguity(to: &collected, known)
    addPrograms(to: &collected, source, known)
    addCrictl(to: &collected, source, known)
    addAgreement(to: &collected, known)
    return collected
  }

  private static func addEndpoint(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let keys = ["runtime.misdirected", "runtime.down"]
    guard let fact = known["runtime.endpoint"], let path = fact.value?.text else {
      return collected.leaveOpen(keys, because: .notCaptured)
    }
    let listens = known.bool("runtime.endpointListening")
    if listens == true {
      for key in keys { collected.add(key, nil, from: fact.source, line: fact.line) }
      return
    }
    // The dockershim's socket is a matter of its own.
    if path.contains("dockershim") {
      for key in keys { collected.add(key, nil, from: fact.source, line: fact.line) }
      return
    }
    let wanted = known.text("runtime.name")
    if let reason = misdirection(path, wanted, listens, known) {
      collected.add("runtime.misdirected", .text(reason), from: fact.source, line: fact.line)
      return collected.add("runtime.down", nil, from: fact.source)
    }
    if listens == nil, let wanted, let path = maskedUnit(of: wanted, source) {
      collected.add("runtime.misdirected", nil, from: fact.source)
      return collected.add("runtime.down", .text(wanted), from: path)
    }
    guard listens == false, let wanted else { return collected.leaveOpen(keys, because: .notCaptured) }
    collected.add("runtime.misdirected", nil, from: fact.source)
    let place = known["runtime.endpointListening"]?.source ?? path
    collected.add("runtime.down", .text(wanted), from: place)
  }

  /// Whether systemd is told not to start the runtime: what a disk can say of it.
  private static func maskedUnit(of runtime: String, _ source: any Source) -> String? {
    let units = ["containerd": "containerd.service", "crio": "crio.service", "cri-dockerd": "cri-docker.service"]
    guard let name = units[runtime], let unit = (try? UnitFile.read(name, from: source)) ?? nil, unit.isMasked
    else { return nil }
    return unit.path
  }

  private static func misdirection(_ path: String, _ wanted: String?, _ listens: Bool?, _ known: KnownFacts) -> String?
  {
    let installed = ["containerd": "containerd", "crio": "crio", "cri-dockerd": "criDockerd"]
    func isThere(_ runtime: String) -> Bool? { installed[runtime].flatMap { known.bool("\($0).installed") } }
    let there = known.list("runtime.listeningSockets") ?? known.list("runtime.sockets") ?? []
    let other = defaults.first { $0.1 != path && there.contains($0.1) }
    if listens == false, let usual = defaults.first(where: { $0.0 == wanted })?.1, usual != path {
      // The runtime is there, at its usual place.
      if there.contains(usual) || known.bool("\(installed[wanted ?? ""] ?? "").running") == true {
        return "nothing listens on \(path); \(wanted ?? "") listens elsewhere"
      }
    }
    guard let wanted else {
      return listens == false && other != nil ? "nothing listens on \(path), but on \(other?.1 ?? "")" : nil
    }
    guard isThere(wanted) == false || (isThere(wanted) == nil && listens == false && wanted != "cri-dockerd") else {
      return nil
    }
    if let other, listens == false || isThere(wanted) == false {
      return "\(path) belongs to \(wanted), which is not here; \(other.0) listens on \(other.1)"
    }
    guard isThere(wanted) == false, let rival = defaults.first(where: { $0.0 != wanted && isThere($0.0) == true })
    else { return nil }
    return "\(path) belongs to \(wanted), which is not installed; \(rival.0) is"
  }

  /// kubeadm asks which runtime to use where it finds more than one; a node that has joined was told.
  private static func addAmbiguity(to collected: inout Collected, _ known: KnownFacts) {
    let key = "runtime.ambiguousSockets"
    guard known.bool("node.joined") == false, known.text("node.distribution") == "kubeadm" else {
      if known["node.joined"] == nil { return collected.leaveOpen(key, because: .notCaptured) }
      return collected.add(key, list: [], from: "/run")
    }
    guard let fact = known["runtime.listeningSockets"] ?? known["runtime.sockets"], case .list(let there)? = fact.value
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let candidates = there.filter { path in defaults.contains { $0.1 == path } }
    collected.add(key, list: candidates.count > 1 ? candidates : [], from: fact.source)
  }

  /// Since 1.31 the kubelet asks the runtime for the driver, if the runtime has an answer.
  private static func addAgreement(to collected: inout Collected, _ known: KnownFacts) {
    func isAtLeast(_ key: String, _ version: String) -> Bool {
      known.filled(key).map { !isVersion($0, olderThan: version) } ?? false
    }
    let answers: Bool
    switch known.text("runtime.name") {
    case "containerd":
      answers = isAtLeast("containerd.version", "2.0") || (known.number("containerd.configVersion") ?? 0) >= 3
    case "crio": answers = isAtLeast("crio.version", "1.28")
    default: answers = false
    }
    let origin = known["kubelet.version"]?.source ?? known["runtime.name"]?.source ?? "kubelet"
    collected.add("kubelet.takesDriverFromRuntime", bool: answers && isAtLeast("kubelet.version", "1.31"), from: origin)
  }

  private static func addPrograms(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "runtime.missingPrograms"
    let list: String
    switch known.text("runtime.name") {
    case "containerd": list = "containerd.runtimePrograms"
    case "crio": list = "crio.runtimePrograms"
    default: return collected.leaveOpen(key, because: .notCaptured)
    }
    guard let fact = known[list], let programs = known.list(list) else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    var missing: [String] = []
    var unknown: ReadError?
    for program in programs.prefix(50) {
      do throws(ReadError) {
        let isThere = program.hasPrefix("/") ? try source.exists(program) : try source.program(program) != nil
        if !isThere { missing.append(program) }
      } catch { unknown = error }
    }
    if let unknown, missing.isEmpty { return collected.leaveOpen(key, because: unknown) }
    collected.add(key, list: missing, from: fact.source, line: fact.line)
  }

  private static func addCrictl(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "crictl.endpointWrong"
    let path = "/etc/crictl.yaml"
    let read = source.reading(path)
    guard let text = read.value, let root = try? YAMLNode.parse(Array(text.utf8)),
      let node = root["runtime-endpoint"], let endpoint = node.text
    else {
      if let error = read.error { return collected.leaveOpen(key, because: error) }
      return collected.add(key, nil, from: path)
    }
    guard let wanted = known.text("runtime.endpoint") else { return collected.leaveOpen(key, because: .notCaptured) }
    let socket = RuntimeCollector.normalized(endpoint)
    // Where the kubelet asks the same socket, the runtime is at fault and not crictl.
    if socket == wanted { return collected.add(key, nil, from: path, line: node.line) }
    if let heard = known.list("runtime.listeningSockets"), heard.contains(socket) {
      return collected.add(key, nil, from: path, line: node.line)
    }
    switch source.existing(socket) {
    case .found: collected.add(key, nil, from: path, line: node.line)
    case .absent: collected.add(key, .text(endpoint), from: path, line: node.line)
    case .unknown(let error):
      let isGone = socket.contains("dockershim") && known.text("runtime.name") != "docker"
      if isGone {
        collected.add(key, .text(endpoint), from: path, line: node.line)
      } else {
        collected.leaveOpen(key, because: error)
      }
    }
  }
}
