import Model

/// Compares the nodes of one cluster.
public struct Comparison: Sendable {
  public let nodes: [ComparedNode]
  /// The most severe first.
  public let differences: [Difference]

  public init(_ nodes: [ComparedNode]) {
    self.nodes = nodes
    differences = ComparedFact.list.enumerated()
      .compactMap { index, fact in fact.difference(among: nodes).map { (index, $0) } }
      .sorted { ($0.1.severity, $0.0) < ($1.1.severity, $1.0) }.map(\.1)
  }
}

/// A fact that is worth comparing, and what a cluster asks of it. A node that does not know it takes no part.
private struct ComparedFact {
  let key: String
  let demand: Difference.Demand
  let severity: Severity
  let title: Localized
  /// What of the value is compared.
  let reading: Reading

  enum Reading { case whole, minorVersion, isEmpty }

  private init(
    _ key: String, _ demand: Difference.Demand, _ severity: Severity, _ reading: Reading = .whole, en: String,
    zh: String
  ) {
    self.key = key
    self.demand = demand
    self.severity = severity
    self.reading = reading
    title = Localized(en: en, zh: zh)
  }

  /// The order of the list is that of the report.
  ///
  /// - SeeAlso: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/ (unique
  ///   hostname, MAC address and product_uuid), https://kubernetes.io/releases/version-skew-policy/
  static let list: [ComparedFact] = [
    ComparedFact(
      "node.hostname", .unique, .critical, en: "Several nodes have the same hostname", zh: "多个节点的主机名相同"),
    ComparedFact(
      "cluster.caFingerprint", .equal, .critical, en: "The nodes trust different cluster CAs",
      zh: "各节点信任的集群 CA 不同"),
    ComparedFact(
      "identity.machineId", .unique, .warning, en: "Several nodes have the same machine-id", zh: "多个节点的 machine-id 相同"),
    ComparedFact(
      "identity.productUuid", .unique, .warning, en: "Several nodes have the same product_uuid",
      zh: "多个节点的 product_uuid 相同"),
    ComparedFact(
      "identity.macAddresses", .unique, .warning, en: "Several nodes have the same MAC address", zh: "多个节点的 MAC 地址相同"),
    ComparedFact(
      "network.addresses", .unique, .warning, en: "Several nodes have the same address", zh: "多个节点的 IP 地址相同"),
    ComparedFact(
      "kubelet.version", .equal, .warning, .minorVersion, en: "The kubelet versions differ", zh: "kubelet 版本不一致"),
    ComparedFact(
      "kubelet.version", .equal, .info, en: "The patch versions of the kubelet differ", zh: "kubelet 补丁版本不一致"),
    ComparedFact("runtime.name", .equal, .info, en: "The container runtimes differ", zh: "容器运行时不一致"),
    ComparedFact(
      "runtime.cgroupDriver", .equal, .warning, en: "The cgroup drivers of the runtimes differ",
      zh: "容器运行时的 cgroup 驱动不一致"),
    ComparedFact(
      "kubelet.cgroupDriver", .equal, .warning, en: "The cgroup drivers of the kubelets differ",
      zh: "kubelet 的 cgroup 驱动不一致"),
    ComparedFact("cgroup.version", .equal, .info, en: "The cgroup versions differ", zh: "cgroup 版本不一致"),
    ComparedFact("containerd.version", .equal, .info, en: "The containerd versions differ", zh: "containerd 版本不一致"),
    ComparedFact("runc.version", .equal, .info, en: "The runc versions differ", zh: "runc 版本不一致"),
    ComparedFact("cluster.podCIDRs", .equal, .warning, en: "The pod networks differ", zh: "Pod 网段不一致"),
    ComparedFact("cluster.serviceCIDRs", .equal, .warning, en: "The service networks differ", zh: "Service 网段不一致"),
    ComparedFact("kubelet.clusterDNS", .equal, .warning, en: "The cluster DNS addresses differ", zh: "集群 DNS 地址不一致"),
    ComparedFact("cni.networks", .equal, .warning, en: "The CNI networks differ", zh: "CNI 网络配置不一致"),
    ComparedFact("cni.mtus", .equal, .warning, en: "The MTUs of the pod network differ", zh: "Pod 网络的 MTU 不一致"),
    ComparedFact(
      "swap.areas", .equal, .warning, .isEmpty, en: "Some nodes use swap, others do not", zh: "仅部分节点启用了交换分区"),
    ComparedFact(
      "sysctl.ipForward", .equal, .warning, en: "Some nodes forward IPv4, others do not", zh: "仅部分节点启用了 IPv4 转发"),
    ComparedFact(
      "sysctl.bridgeNfCallIptables", .equal, .warning, en: "bridge-nf-call-iptables differs",
      zh: "bridge-nf-call-iptables 不一致"),
    ComparedFact(
      "sysctl.rpFilterAll", .equal, .info, en: "The reverse path filters differ", zh: "反向路径过滤设置不一致"),
    ComparedFact("modules.missing", .equal, .warning, en: "Different kernel modules are missing", zh: "缺失的内核模块不一致"),
    ComparedFact(
      "time.synchronized", .equal, .warning, en: "Some clocks are synchronised, others are not", zh: "仅部分节点的时钟已同步"),
    ComparedFact("selinux.mode", .equal, .info, en: "The SELinux modes differ", zh: "SELinux 模式不一致"),
    ComparedFact("dns.nameservers", .equal, .info, en: "The name servers differ", zh: "DNS 服务器不一致"),
    ComparedFact("proxy.https", .equal, .info, en: "The proxies differ", zh: "代理设置不一致"),
    ComparedFact("os.name", .equal, .info, en: "The operating systems differ", zh: "操作系统不一致"),
    ComparedFact("kernel.release", .equal, .info, en: "The kernels differ", zh: "内核版本不一致"),
    ComparedFact("cpu.architecture", .equal, .info, en: "The architectures differ", zh: "CPU 架构不一致"),
  ]

  func difference(among nodes: [ComparedNode]) -> Difference? {
    var holders: [String: [String]] = [:]
    var known = 0
    for node in nodes {
      guard let fact = node.facts[key] else { continue }
      known += 1
      for value in values(fact.value) { holders[value, default: []].append(node.label) }
    }
    guard known > 1 else { return nil }
    let groups =
      demand == .unique ? holders.filter { $0.value.count > 1 } : holders.count > 1 ? holders : [:]
    guard !groups.isEmpty else { return nil }
    let sorted = groups.map { (value: $0.key, nodes: $0.value) }
      .sorted { ($1.nodes.count, $0.value) < ($0.nodes.count, $1.value) }
    return Difference(key: key, demand: demand, severity: severity, title: title, values: sorted)
  }

  /// The values that are compared: of a list that must be unique, each item by itself.
  private func values(_ value: FactValue?) -> [String] {
    switch (demand, value) {
    case (.unique, .list(let items)?): return Array(Set(items))
    case (.unique, let value?): return value.isEmpty ? [] : [value.text]
    case (.unique, nil): return []
    case (.equal, _):
      switch reading {
      case .whole:
        if case .list(let items)? = value { return [items.isEmpty ? "none" : items.sorted().joined(separator: ", ")] }
        return [value.map { $0.isEmpty ? "none" : $0.text } ?? "none"]
      case .minorVersion: return value.map { [$0.text.split(separator: ".").prefix(2).joined(separator: ".")] } ?? []
      case .isEmpty: return [value?.isEmpty ?? true ? "off" : "on"]
      }
    }
  }
}
