import YAMLTree

/// The kinds of the fields of KubeletConfiguration, as far as a wrong one keeps the kubelet from starting.
///
/// Unknown fields are only warned about; a value of the wrong kind is fatal.
/// - SeeAlso: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
enum KubeletSchema {
  private static let bools: Set<String> = [
    "enableServer", "rotateCertificates", "serverTLSBootstrap", "failSwapOn", "protectKernelDefaults",
    "enableControllerAttachDetach", "enableDebuggingHandlers", "enableContentionProfiling", "makeIPTablesUtilChains",
    "serializeImagePulls", "cgroupsPerQOS", "cpuCFSQuota", "failCgroupV1", "localStorageCapacityIsolation",
    "enableProfilingHandler", "enableDebugFlagsHandler", "seccompDefault", "enableSystemLogHandler",
    "enableSystemLogQuery", "registerNode",
  ]
  private static let integers: Set<String> = [
    "maxPods", "podsPerCore", "port", "readOnlyPort", "healthzPort", "registryPullQPS", "registryBurst",
    "eventRecordQPS", "eventBurst", "imageGCHighThresholdPercent", "imageGCLowThresholdPercent", "containerLogMaxFiles",
    "oomScoreAdj", "kubeAPIQPS", "kubeAPIBurst", "nodeLeaseDurationSeconds", "podPidsLimit", "maxOpenFiles",
    "nodeStatusMaxImages", "iptablesMasqueradeBit", "iptablesDropBit", "evictionMaxPodGracePeriod",
    "maxParallelImagePulls",
  ]
  private static let durations: Set<String> = [
    "syncFrequency", "fileCheckFrequency", "httpCheckFrequency", "nodeStatusUpdateFrequency",
    "nodeStatusReportFrequency", "streamingConnectionIdleTimeout", "runtimeRequestTimeout", "imageMinimumGCAge",
    "imageMaximumGCAge", "volumeStatsAggPeriod", "cpuManagerReconcilePeriod", "evictionPressureTransitionPeriod",
    "shutdownGracePeriod", "shutdownGracePeriodCriticalPods", "cpuCFSQuotaPeriod",
  ]
  private static let lists: Set<String> = [
    "clusterDNS", "tlsCipherSuites", "enforceNodeAllocatable", "allowedUnsafeSysctls", "registerWithTaints",
    "reservedMemory",
  ]
  private static let maps: Set<String> = [
    "evictionHard", "evictionSoft", "evictionSoftGracePeriod", "evictionMinimumReclaim", "systemReserved",
    "kubeReserved", "qosReserved",
  ]
  private static let words: [String: Set<String>] = [
    "cgroupDriver": ["cgroupfs", "systemd"], "cpuManagerPolicy": ["none", "static"],
    "topologyManagerPolicy": ["none", "best-effort", "restricted", "single-numa-node"],
    "topologyManagerScope": ["container", "pod"], "memoryManagerPolicy": ["None", "Static"],
    "hairpinMode": ["promiscuous-bridge", "hairpin-veth", "none"],
    "tlsMinVersion": ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"],
  ]
  private static let allocatable: Set<String> = [
    "none", "pods", "system-reserved", "kube-reserved", "system-reserved-compressible", "kube-reserved-compressible",
  ]

  /// What the kubelet would refuse in `root`; nil where it would not.
  static func fault(of root: YAMLNode) -> String? {
    for pair in root.pairs {
      if let reason = fault(of: pair) { return "line \(pair.line): \(pair.key) \(reason)" }
    }
    if let high = integer(root["imageGCHighThresholdPercent"]), let low = integer(root["imageGCLowThresholdPercent"]),
      low >= high
    {
      return "imageGCLowThresholdPercent is not below imageGCHighThresholdPercent"
    }
    let behavior = root["memorySwap"]?["swapBehavior"]?.text
    if let behavior, !["", "LimitedSwap", "UnlimitedSwap", "NoSwap"].contains(behavior) {
      return "memorySwap.swapBehavior is \(behavior.prefix(40))"
    }
    return nil
  }

  private static func fault(of pair: YAMLNode.Pair) -> String? {
    let value = pair.value
    // Null stands for "not set" everywhere.
    if case .scalar(_, isPlain: true) = value.content, value.text == nil { return nil }
    switch pair.key {
    case let key where bools.contains(key):
      guard case .scalar(_, isPlain: true) = value.content, value.bool != nil else { return "is not true or false" }
    case let key where integers.contains(key):
      guard case .scalar(_, isPlain: true) = value.content, let number = integer(value) else { return "is no number" }
      if ["port", "readOnlyPort", "healthzPort"].contains(key), !(0...65535).contains(number) { return "is no port" }
    case let key where durations.contains(key):
      guard let text = value.text, isDuration(text) else { return "is no duration such as 10s" }
    case let key where lists.contains(key):
      guard case .sequence = value.content else { return "is no list" }
      if key == "enforceNodeAllocatable", let wrong = value.texts.first(where: { !allocatable.contains($0) }) {
        return "holds \(wrong.prefix(40))"
      }
    case let key where maps.contains(key):
      guard case .mapping = value.content else { return "is no mapping" }
      for entry in value.pairs where !isString(entry.value) { return "has a value that is no text: \(entry.key)" }
    case "featureGates":
      guard case .mapping = value.content else { return "is no mapping" }
      for gate in value.pairs where gate.value.bool == nil {
        return "has a value that is not true or false: \(gate.key)"
      }
    case let key:
      guard let allowed = words[key] else { return nil }
      guard let text = value.text else { return "is no text" }
      if !text.isEmpty, !allowed.contains(text) { return "is \(text.prefix(40))" }
    }
    return nil
  }

  private static func integer(_ node: YAMLNode?) -> Int? { node?.text.flatMap { Int($0) } }

  /// Whether YAML gives a text: `100Mi` and `"1"` are texts, `1` and `true` are not.
  private static func isString(_ node: YAMLNode) -> Bool {
    guard case .scalar(let text, let isPlain) = node.content else { return false }
    return !isPlain || (Double(text) == nil && node.bool == nil)
  }

  /// Whether Go's time.ParseDuration takes `text`: `1h30m`, `0`, `1.5s`.
  static func isDuration(_ text: String) -> Bool {
    if text == "0" { return true }
    var rest = text[...]
    if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
    if rest.isEmpty { return false }
    while !rest.isEmpty {
      let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      guard !number.isEmpty, number.contains(where: { $0 != "." }) else { return false }
      rest = rest.dropFirst(number.count)
      guard
        let unit = ["ns", "us", "µs", "ms", "s", "m", "h"].first(where: {
          rest.hasPrefix($0) && !rest.hasPrefix("ms") || $0 == "ms" && rest.hasPrefix("ms")
        })
      else { return false }
      rest = rest.dropFirst(unit.count)
    }
    return true
  }
}
