import Model

/// What the container runtime says of itself over its socket.
///
/// - Reads: `Version`, `Status` and `RuntimeConfig` of the container runtime interface; the configuration of containerd and the start of
///   its process, to tell what it works with from what its files say.
/// - SeeAlso: https://kubernetes.io/docs/concepts/architecture/cri/
enum RuntimeStatusCollector: Collector {
  static let name = "runtime-status"

  static let answers: [(key: String, summary: String)] = [
    ("runtime.criVersions", "v1 and v1alpha2, as it serves them; v1alpha2 is asked for where v1 is not enough."),
    ("runtime.responding", "Whether it answers those who connect; absent where nobody listens."),
    ("runtime.criError", "Its words where it refuses the version of CRI that the kubelet speaks."),
    ("runtime.networkReady", "The condition NetworkReady of its status."),
    ("runtime.networkReason", "Why the network is not ready, in its words."),
    ("runtime.version", "The version that runs."),
    ("runtime.apiName", "The name that it gives itself: containerd, cri-o or docker."),
    ("runtime.effectiveCgroupDriver", "The cgroup driver that it works with: systemd or cgroupfs."),
    ("runtime.effectiveCniConfDir", "The folder of CNI configurations that it works with."),
    ("runtime.effectiveCniBinDirs", "The folders of CNI plugins that it works with."),
    ("runtime.lastCNILoadStatus", "How its last attempt to load a CNI configuration ended."),
    ("runtime.cgroupDriver", "The cgroup driver of the runtime: the one it works with, else that of its files."),
    ("containerd.restartOwed", "Whether its files changed after it started; proc_pid_stat(5)."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    var inForce = ConfigInForce([:])
    var failure: ReadError?
    var origin = "/run"
    do throws(ReadError) {
      let socket = try socket(known)
      origin = socket
      inForce = try ask(socket, source, known, &collected)
    } catch {
      failure = error
      explain(error, at: origin, &collected)
    }
    driver(inForce, origin, known, &collected)
    if case .notCaptured = failure {
      // The times of copied files are those of the copy.
      collected.leaveOpen("containerd.restartOwed", because: .notCaptured)
    } else {
      restart(inForce, source, known, &collected)
    }
    return collected
  }

  /// The socket that the kubelet talks to; where it names none, the one known socket on which somebody listens.
  private static func socket(_ known: KnownFacts) throws(ReadError) -> String {
    if let endpoint = known.filled("runtime.endpoint") {
      guard endpoint.hasPrefix("/") else { throw .failed("\(endpoint) is no local socket") }
      return endpoint
    }
    guard let listening = known.list("runtime.listeningSockets") else { throw .notCaptured }
    guard let first = listening.first else { throw .absent }
    return first
  }

  private static func ask(
    _ socket: String, _ source: any Source, _ known: KnownFacts, _ collected: inout Collected
  ) throws(ReadError) -> ConfigInForce {
    let talk = try CRIConversation(with: socket, of: source, kubelet: known.filled("kubelet.version"))
    func add(_ key: String, _ text: String?) {
      collected.add("runtime." + key, text.flatMap { $0.isEmpty ? nil : .text($0) }, from: socket)
    }
    collected.add("runtime.criVersions", .list(talk.versions), from: socket)
    add("criError", talk.refusal)
    add("version", talk.version.map { $0.version.hasPrefix("v") ? String($0.version.dropFirst()) : $0.version })
    add("apiName", talk.version?.name)
    var hangs = false
    if case .timedOut = talk.statusFailure { hangs = true }
    collected.add("runtime.responding", .bool(!hangs), from: socket)
    let network = talk.status?.condition("NetworkReady")
    let config = talk.inForce
    if let failure = talk.statusFailure {
      for key in statusKeys { collected.leaveOpen(key, because: named(failure, socket)) }
      return config
    }
    collected.add("runtime.networkReady", network.map { .bool($0.holds) }, from: socket)
    let words = network.map { [$0.reason, $0.message].filter { !$0.isEmpty }.joined(separator: ": ") }
    add("networkReason", network?.holds == false ? words : nil)
    add("effectiveCgroupDriver", config.cgroupDriver)
    add("effectiveCniConfDir", config.cniConfDir)
    collected.add("runtime.effectiveCniBinDirs", config.cniBinDirs.map { .list($0) }, from: socket)
    add("lastCNILoadStatus", config.lastCNILoadStatus)
    return config
  }

  private static let statusKeys = [
    "runtime.networkReady", "runtime.networkReason", "runtime.effectiveCgroupDriver", "runtime.effectiveCniConfDir",
    "runtime.effectiveCniBinDirs", "runtime.lastCNILoadStatus",
  ]

  /// What it means that nobody answered.
  private static func explain(_ error: ReadError, at origin: String, _ collected: inout Collected) {
    let keys = answers.map(\.key).filter { $0.hasPrefix("runtime.") && $0 != "runtime.cgroupDriver" }
    switch error {
    case .absent, .failed(Probe.refused):
      for key in keys { collected.add(key, nil, from: origin) }
    case .timedOut:
      for key in keys where key != "runtime.responding" {
        collected.leaveOpen(key, because: named(error, origin))
      }
      collected.add("runtime.responding", .bool(false), from: origin)
    case .notCaptured, .interrupted, .notAsked:
      for key in keys { collected.leaveOpen(key, because: error) }
    case .denied, .empty, .malformed, .failed:
      for key in keys { collected.leaveOpen(key, because: named(error, origin)) }
    }
  }

  /// The reason with the socket that it is about.
  private static func named(_ error: ReadError, _ socket: String) -> ReadError {
    switch error {
    case .denied, .notCaptured, .absent, .interrupted, .notAsked: error
    case .timedOut: .failed("\(socket) accepts connections and gives \(error)")
    case .empty, .malformed, .failed: .failed("\(socket): \(error)")
    }
  }

  private static func driver(
    _ inForce: ConfigInForce, _ socket: String, _ known: KnownFacts, _ collected: inout Collected
  ) {
    let key = "runtime.cgroupDriver"
    if let driver = inForce.cgroupDriver { return collected.add(key, .text(driver), from: socket) }
    guard let name = known.filled("runtime.name"),
      let fact = known[(["containerd": "containerd", "crio": "crio"][name] ?? "docker") + ".cgroupDriver"]
    else { return collected.leaveOpen(key, because: .notCaptured) }
    collected.add(key, fact.value, from: fact.source, line: fact.line)
  }

  // MARK: - What a restart would change

  private static func restart(
    _ inForce: ConfigInForce, _ source: any Source, _ known: KnownFacts, _ collected: inout Collected
  ) {
    let key = "containerd.restartOwed"
    do throws(ReadError) {
      guard let process = try Processes(of: source).named("containerd") else { throw .absent }
      if let fact = difference(inForce, known) {
        return collected.add(key, .bool(true), from: fact.source, line: fact.line)
      }
      let start = try process.start(source)
      let path = known.filled("containerd.configPath") ?? "/etc/containerd/config.toml"
      for file in ContainerdConfig(path: path, source: source).files {
        // The start is known to a second.
        guard let changed = try? source.status(of: file, followingLinks: true).modified, changed > start + 2 else {
          continue
        }
        return collected.add(key, .bool(true), from: file)
      }
      collected.add(key, .bool(false), from: process.path)
    } catch {
      if case .absent = error {
        collected.add(key, nil, from: "/proc")
      } else {
        collected.leaveOpen(key, because: error)
      }
    }
  }

  /// A setting of the files that is not in force. What no file sets is left to the defaults of the build.
  private static func difference(_ inForce: ConfigInForce, _ known: KnownFacts) -> Fact? {
    func differs(_ key: String, _ value: FactValue?) -> Fact? {
      guard let value, let fact = known[key], fact.line != nil, let set = fact.value, set != value else { return nil }
      return fact
    }
    return differs("containerd.cgroupDriver", inForce.cgroupDriver.map { .text($0) })
      ?? differs("containerd.cniConfDir", inForce.cniConfDir.map { .text($0) })
      ?? differs("containerd.cniBinDirs", inForce.cniBinDirs.map { .list($0) })
  }
}
