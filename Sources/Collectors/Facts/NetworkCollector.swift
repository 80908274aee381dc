import Model

/// Addresses, routes, interfaces and listeners of the node.
///
/// - SeeAlso: proc_pid_net(5), sysfs(5), netdevice(7)
enum NetworkCollector: Collector {
  static let name = "network"

  static let answers: [(key: String, summary: String)] = [
    ("network.addresses", "the node's addresses without loopback and link-local ones: proc_pid_net(5)"),
    ("network.publicAddresses", "those of the addresses that the internet could route: RFC 1918, RFC 6598, RFC 4193"),
    ("network.interfaces", "the names of the network interfaces: /sys/class/net"),
    ("network.downInterfaces", "the interfaces that are down although they should be up: netdevice(7)"),
    ("network.downUplinks", "the interfaces of the default routes, where all of them are down: netdevice(7)"),
    ("network.defaultRoutes", "the default routes of the main table: route(8)"),
    ("network.listeners", "address:port of each listening TCP socket: proc_pid_net(5)"),
    ("network.unboundNodeIPs", "the kubelet's --node-ip addresses that the node does not have"),
    ("network.podCIDROverlaps", "pod networks that overlap with a route to elsewhere or with the service network"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addAddresses(to: &collected, from: source, known: known)
    addRoutes(to: &collected, from: source, known: known)
    addInterfaces(to: &collected, from: source)
    addListeners(to: &collected, from: source)
    return collected
  }

  /// All addresses that a socket of the node can be bound to, with the file that says so.
  static func localAddresses(of source: any Source) -> (path: String, addresses: Reading<[IPAddress]>) {
    let trie = source.procNet("fib_trie")
    switch trie.text {
    // Every kernel with a network has this table: a capture without it says nothing.
    case .absent: return (trie.path, .unknown(.notCaptured))
    case .unknown(let error): return (trie.path, .unknown(error))
    case .found(let text):
      let four = ProcNet.localAddresses(fibTrie: text)
      if four.isEmpty { return (trie.path, .unknown(.malformed("\(trie.path) holds no address"))) }
      let six = ProcNet.addresses(ifInet6: source.procNet("if_inet6").text.value ?? "")
      return (trie.path, .found((four + six.map(\.address)).distinct))
    }
  }

  /// Those of `wanted` that are addresses but not among `local`.
  static func unbound(_ wanted: [String], local: [IPAddress]) -> [String] {
    wanted.filter { text in
      guard let address = IPAddress(text) else { return false }
      return !address.isUnspecified && !address.isLoopback && !local.contains(address)
    }.distinct
  }

  private static func addAddresses(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let (path, read) = localAddresses(of: source)
    guard let local = read.value else {
      let keys = ["network.addresses", "network.publicAddresses", "network.unboundNodeIPs"]
      collected.leaveOpen(keys, because: read.error ?? .notCaptured)
      return
    }
    let shown = local.filter { !$0.isLoopback && !$0.isLinkLocal }
    collected.add("network.addresses", list: shown.map(\.description), from: path)
    collected.add("network.publicAddresses", list: shown.filter(\.isPublic).map(\.description), from: path)
    guard let fact = known["kubelet.nodeIP"] else {
      return collected.leaveOpen("network.unboundNodeIPs", because: .notCaptured)
    }
    let wanted = known.list("kubelet.nodeIP") ?? []
    let addresses = wanted.flatMap { $0.split(separator: ",").map { String($0).trimmed } }
    collected.add(
      "network.unboundNodeIPs", list: unbound(addresses, local: local), from: fact.source, line: fact.line)
  }

  private static func addRoutes(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let four = source.procNet("route")
    guard let text = four.text.value else {
      let error = four.text.error ?? .notCaptured
      let keys = ["network.defaultRoutes", "network.downUplinks", "network.podCIDROverlaps"]
      return collected.leaveOpen(keys, because: error)
    }
    let six = source.procNet("ipv6_route").text.value ?? ""
    let routes = ProcNet.routes(route: text) + ProcNet.routes(ipv6Route: six)
    let defaults = routes.filter(\.isDefault)
    collected.add(
      "network.defaultRoutes", list: defaults.map(\.text), from: four.path, line: defaults.first?.line)
    let uplinks = defaults.map(\.interface).distinct
    let dead = uplinks.filter { isDown($0, in: source).value == true }
    let folder = "/sys/class/net/\(dead.first ?? "")"
    collected.add("network.downUplinks", list: dead.count == uplinks.count ? dead : [], from: folder)
    addOverlaps(to: &collected, from: source, known: known, routes: routes, path: four.path)
  }

  private static func addOverlaps(
    to collected: inout Collected, from source: any Source, known: KnownFacts, routes: [ProcNet.Route],
    path: String
  ) {
    var pods: [IPNetwork] = []
    var services: [IPNetwork] = []
    let folder = StaticPod.folder(in: source, known: known)
    if let error = folder.error { return collected.leaveOpen("network.podCIDROverlaps", because: error) }
    for flag in folder.value?.pods.flatMap(\.flags) ?? [] {
      let networks = flag.value.split(separator: ",").compactMap { IPNetwork(String($0)) }
      if flag.name == "cluster-cidr" { pods += networks }
      if flag.name == "service-cluster-ip-range" { services += networks }
    }
    for line in numberedLines(source.reading("/run/flannel/subnet.env").value ?? "") {
      let parts = line.text.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, parts[0] == "FLANNEL_NETWORK", let network = IPNetwork(parts[1]) { pods.append(network) }
    }
    let own = [
      "cni", "flannel", "cali", "tunl", "vxlan", "cilium", "lxc", "veth", "kube-", "nodelocaldns", "lo", "weave",
      "antrea", "ovn", "wireguard",
    ]
    let foreign = routes.filter { route in !route.isDefault && !own.contains { route.interface.hasPrefix($0) } }
    var overlaps: [String] = []
    for pod in pods.distinct {
      overlaps += services.distinct.filter(pod.overlaps).map { "\(pod) overlaps with services \($0)" }
      // Routing daemons and host gateways reach other nodes' pods over the physical interface, in smaller ranges.
      overlaps += foreign.filter { pod.overlaps($0.network) && $0.gateway == nil && !$0.network.base.isLinkLocal }
        .map { "\(pod) overlaps with \($0.text)" }
    }
    collected.add("network.podCIDROverlaps", list: overlaps.distinct, from: path)
  }

  private static func addInterfaces(to collected: inout Collected, from source: any Source) {
    let folder = "/sys/class/net"
    let keys = ["network.interfaces", "network.downInterfaces"]
    switch source.listing(folder) {
    case .absent: collected.leaveOpen(keys, because: .notCaptured)
    case .unknown(let error): collected.leaveOpen(keys, because: error)
    case .found(let names):
      let interfaces = names.filter { $0 != "bonding_masters" }
      collected.add("network.interfaces", list: interfaces, from: folder)
      var down: [String] = []
      var error: ReadError?
      for interface in interfaces.prefix(5000) where !mayBeDown(interface) {
        switch isDown(interface, in: source) {
        case .found(let answer): if answer { down.append(interface) }
        case .absent: error = .notCaptured
        case .unknown(let reason): error = reason
        }
      }
      if let error, down.isEmpty {
        collected.leaveOpen("network.downInterfaces", because: error)
      } else {
        let path = down.first.map { "\(folder)/\($0)/operstate" } ?? folder
        collected.add("network.downInterfaces", list: down, from: path)
      }
    }
  }

  /// Whether an interface is normally down: fallback devices of tunnels, dummies and idle bridges of Docker.
  private static func mayBeDown(_ name: String) -> Bool {
    let fallbacks = [
      "tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0", "kube-ipvs0",
      "nodelocaldns",
    ]
    return fallbacks.contains(name) || ["docker", "dummy", "ib", "ifb", "virbr"].contains { name.hasPrefix($0) }
  }

  /// IFF_UP is bit 0 of the flags. A bridge without ports has no carrier, and a plug may be out: only the lack of the
  /// flag counts there; elsewhere the state counts, too.
  private static func isDown(_ name: String, in source: any Source) -> Reading<Bool> {
    let folder = "/sys/class/net/\(name)"
    let state = source.reading("\(folder)/operstate")
    let flags = source.reading("\(folder)/flags")
    if let text = flags.value?.trimmed, let value = UInt32(text.dropFirst(text.hasPrefix("0x") ? 2 : 0), radix: 16) {
      if value & 1 == 0 { return .found(true) }
      if source.existing("\(folder)/bridge").value != nil { return .found(false) }
    }
    switch state {
    case .found(let text): return .found(["down", "lowerlayerdown"].contains(text.trimmed))
    case .absent: return flags.value == nil ? .absent : .found(false)
    case .unknown(let error): return .unknown(error)
    }
  }

  private static func addListeners(to collected: inout Collected, from source: any Source) {
    let four = source.procNet("tcp")
    guard let text = four.text.value else {
      return collected.leaveOpen("network.listeners", because: four.text.error ?? .notCaptured)
    }
    let six = ProcNet.listeners(tcp: source.procNet("tcp6").text.value ?? "")
    collected.add("network.listeners", list: ProcNet.listeners(tcp: text) + six, from: four.path)
  }
}
