import Model
import YAMLTree

/// What the kubelet's settings would make of this node: values that contradict one another or the machine.
enum KubeletCheckCollector: Collector {
  static let name = "kubelet checks"

  static let answers: [(key: String, summary: String)] = [
    ("kubelet.unknownFeatureGates", "feature gates that its version no longer knows: feature-gates-removed"),
    ("kubelet.staleCheckpoints", "state files of its managers that do not fit its settings: kubelet(1)"),
    ("kubelet.reservedFault", "why its reserved resources cannot be kept free: reserve-compute-resources"),
    (
      "kubelet.versionSkew", "the versions of kubelet and API server, where they are too far apart: version-skew-policy"
    ),
    ("kubelet.foreignIdentity", "the node of its client certificate, where it is another: RFC 5280 section 4.1.2.6"),
    ("cgroup.missingRoots", "control groups that it is told to use and that do not exist: cgroups(7)"),
    ("memory.belowEviction", "whether less memory is available than its eviction threshold: node-pressure-eviction"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let settings = KubeletSettings(of: source, known: known)
    addGates(to: &collected, known)
    addCheckpoints(to: &collected, source, settings)
    addReserved(to: &collected, settings, known)
    addSkew(to: &collected, source, known)
    addIdentity(to: &collected, source, known)
    addRoots(to: &collected, source, settings)
    addEviction(to: &collected, settings, known)
    return collected
  }

  private static func addGates(to collected: inout Collected, _ known: KnownFacts) {
    let key = "kubelet.unknownFeatureGates"
    guard let fact = known["kubelet.featureGates"], let gates = known.list("kubelet.featureGates") else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    if gates.isEmpty { return collected.add(key, list: [], from: fact.source) }
    guard let version = known.filled("kubelet.version") else { return collected.leaveOpen(key, because: .notCaptured) }
    collected.add(key, list: FeatureGates.unknown(gates, in: version), from: fact.source, line: fact.line)
  }

  /// The kubelet stops where a state file is damaged or was written under another policy.
  private static func addCheckpoints(to collected: inout Collected, _ source: any Source, _ settings: KubeletSettings) {
    let key = "kubelet.staleCheckpoints"
    let root = settings.flags["root-dir"]?.value ?? "/var/lib/kubelet"
    let files = [
      ("cpu_manager_state", "cpu-manager-policy", "cpuManagerPolicy", "none"),
      ("memory_manager_state", "memory-manager-policy", "memoryManagerPolicy", "None"),
    ]
    var stale: [String] = []
    var unknown: ReadError?
    for (file, flag, field, fallback) in files {
      let path = "\(root)/\(file)"
      switch source.reading(path) {
      case .absent: continue
      case .unknown(let error): unknown = error
      case .found(let text):
        // The kubelet writes a new file over an empty one.
        if text.trimmed.isEmpty { continue }
        guard let state = try? JSONTree.parse(text) else {
          stale.append(path)
          continue
        }
        guard let policy = state["policyName"]?.text, settings.knowsDefaults else { continue }
        if policy != settings.answer(flag, [field])?.node.text ?? fallback { stale.append(path) }
      }
    }
    if let unknown, stale.isEmpty { return collected.leaveOpen(key, because: unknown) }
    collected.add(key, list: stale, from: stale.first ?? root)
  }

  /// What is reserved of `resource`, in bytes or processors.
  private static func reserved(_ resource: String, _ settings: KubeletSettings) -> Double {
    [("system-reserved", "systemReserved"), ("kube-reserved", "kubeReserved")].reduce(0) { sum, names in
      var text = settings.flags[names.0] == nil ? settings.config?[names.1]?[resource]?.text : nil
      for pair in (settings.flags[names.0]?.value ?? "").split(separator: ",") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0] == resource { text = String(parts[1]) }
      }
      return sum + (text.flatMap(Quantity.value) ?? 0)
    }
  }

  private static func addReserved(to collected: inout Collected, _ settings: KubeletSettings, _ known: KnownFacts) {
    let key = "kubelet.reservedFault"
    guard settings.knowsDefaults else { return collected.leaveOpen(key, because: .notCaptured) }
    let file = settings.configPath ?? settings.unit?.path ?? "kubelet"
    let kinds = settings.answer("enforce-node-allocatable", ["enforceNodeAllocatable"])
    let enforced = (kinds?.node.texts ?? []).flatMap { $0.split(separator: ",").map(String.init) }
    for (kind, flag, field) in [
      ("system-reserved", "system-reserved-cgroup", "systemReservedCgroup"),
      ("kube-reserved", "kube-reserved-cgroup", "kubeReservedCgroup"),
    ] where enforced.contains(kind) && (settings.answer(flag, [field])?.node.text ?? "").isEmpty {
      let reason = "\(kind) is to be enforced, but \(field) names no control group"
      return collected.add(key, .text(reason), from: kinds?.file ?? file, line: kinds?.line)
    }
    let limits = [("memory", known.number("memory.totalBytes")), ("cpu", known.number("cpu.count"))]
    for (resource, capacity) in limits {
      let amount = reserved(resource, settings)
      if let capacity, amount > 0, amount >= capacity {
        let reason = "more \(resource) is reserved than the node has"
        return collected.add(key, .text(reason), from: file, line: settings.config?["systemReserved"]?.line)
      }
      if capacity == nil, amount > 0 { return collected.leaveOpen(key, because: .notCaptured) }
    }
    collected.add(key, nil, from: file)
  }

  private static func addSkew(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "kubelet.versionSkew"
    // A version that was read off the manifests or the repository is none of its own.
    guard let fact = known["kubelet.version"], let version = known.filled("kubelet.version"),
      InstalledPackages.files.contains(fact.source)
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let folder = StaticPod.folder(in: source, known: known)
    if let error = folder.error { return collected.leaveOpen(key, because: error) }
    guard let server = folder.value?.pod("kube-apiserver"), let tag = server.version,
      let mine = minor(version), let other = minor(tag)
    else { return collected.add(key, nil, from: fact.source) }
    // The kubelet may be three minor releases older (two before 1.28), and never newer.
    let allowed = other >= 28 ? 3 : 2
    let isTooFar = mine > other || other - mine > allowed
    collected.add(
      key, isTooFar ? .text("kubelet \(version), kube-apiserver \(tag)") : nil, from: server.path)
  }

  /// N of 1.N.
  private static func minor(_ version: String) -> Int? {
    let parts = version.drop { !$0.isNumber }.split(separator: ".")
    return parts.count > 1 && parts[0] == "1" ? Int(parts[1].prefix { $0.isNumber }) : nil
  }

  private static func addIdentity(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "kubelet.foreignIdentity"
    let path = "/var/lib/kubelet/pki/kubelet-client-current.pem"
    let provider = (known.list("kubelet.flags") ?? []).first { $0.hasPrefix("--cloud-provider=") }
    let isNamedElsewhere = provider.map { !["--cloud-provider=", "--cloud-provider=external"].contains($0) } ?? false
    guard let own = known.filled("kubelet.hostnameOverride") ?? known.filled("node.hostname"), !isNamedElsewhere,
      known["kubelet.hostnameOverride"] != nil, IdentityCollector.isValid(own)
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let read = source.reading(path)
    if let error = read.error { return collected.leaveOpen(key, because: error) }
    let names = (read.value.flatMap(Certificate.all(pem:)) ?? []).first.map { CertificateSubject.names(der: $0.der) }
    let node = names?.first { $0.hasPrefix("system:node:") }.map { String($0.dropFirst(12)) }
    guard let node else { return collected.add(key, nil, from: path) }
    // Where the machine knows its short name only, the kubelet may have been given the full one.
    let isSame = node == own.lowercased() || node.hasPrefix("\(own.lowercased()).")
    collected.add(key, isSame ? nil : .text(node), from: path)
  }

  private static func addRoots(to collected: inout Collected, _ source: any Source, _ settings: KubeletSettings) {
    let key = "cgroup.missingRoots"
    guard settings.knowsDefaults else { return collected.leaveOpen(key, because: .notCaptured) }
    let enforced = (settings.answer("enforce-node-allocatable", ["enforceNodeAllocatable"])?.node.texts ?? [])
      .flatMap { $0.split(separator: ",").map(String.init) }
    var wanted: [KubeletSettings.Answer] = []
    if enforced.contains(where: { $0.hasPrefix("system-reserved") }),
      let group = settings.answer("system-reserved-cgroup", ["systemReservedCgroup"])
    {
      wanted.append(group)
    }
    if enforced.contains(where: { $0.hasPrefix("kube-reserved") }),
      let group = settings.answer("kube-reserved-cgroup", ["kubeReservedCgroup"])
    {
      wanted.append(group)
    }
    if let group = settings.answer("cgroup-root", ["cgroupRoot"]) { wanted.append(group) }
    let root = "/sys/fs/cgroup"
    let named = wanted.filter { !["", "/"].contains($0.node.text ?? "") }
    if named.isEmpty { return collected.add(key, list: [], from: settings.configPath ?? root) }
    guard let mounted = source.listing(root).value, !mounted.isEmpty else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let missing = named.filter { answer in
      var name = answer.node.text ?? ""
      while name.hasPrefix("/") { name.removeFirst() }
      let places = [root, "\(root)/memory", "\(root)/cpu", "\(root)/systemd"]
      return !places.contains { place in
        source.has("\(place)/\(name)") || source.has("\(place)/\(name).slice")
      }
    }
    collected.add(
      key, list: missing.compactMap(\.node.text), from: missing.first?.file ?? root, line: missing.first?.line)
  }

  private static func addEviction(to collected: inout Collected, _ settings: KubeletSettings, _ known: KnownFacts) {
    let key = "memory.belowEviction"
    guard settings.knowsDefaults, let available = known.number("memory.availableBytes"),
      let total = known.number("memory.totalBytes")
    else { return collected.leaveOpen(key, because: .notCaptured) }
    var text = settings.config?["evictionHard"]?["memory.available"]?.text
    if let flag = settings.flags["eviction-hard"] {
      let pair = flag.value.split(separator: ",").first { $0.hasPrefix("memory.available<") }
      text = pair.map { String($0.dropFirst(17)) }
    }
    let limit =
      (text?.hasSuffix("%") ?? false)
      ? text.flatMap { Double($0.dropLast()) }.map { total * $0 / 100 } : text.flatMap(Quantity.value)
    let place = known["memory.availableBytes"]?.source ?? "/proc/meminfo"
    collected.add(key, bool: available < limit ?? 104_857_600, from: place, line: known["memory.availableBytes"]?.line)
  }
}
