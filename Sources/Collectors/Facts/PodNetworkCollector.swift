import Model
import YAMLTree

/// Whether the agents of the pod network are there, and whether its addresses fit and suffice.
enum PodNetworkCollector: Collector {
  static let name = "pod network"

  static let answers: [(key: String, summary: String)] = [
    ("cni.missingAgents", "what the network's plugin needs to reach and cannot: the plugins' documentation"),
    ("cilium.agentMissing", "whether the Cilium agent's socket is missing although Cilium is the network"),
    (
      "flannel.networkMismatch",
      "flannel's network, where the controller manager gives out another: flannel documentation"
    ),
    ("cni.addressesUsedPercent", "how full the range of host-local is, in percent: CNI plugin host-local"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addAgents(to: &collected, source, known)
    addMismatch(to: &collected, source, known)
    addUse(to: &collected, source, known)
    return collected
  }

  private static func addAgents(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let keys = ["cni.missingAgents", "cilium.agentMissing"]
    guard let plugins = known.list("cni.plugins") else { return collected.leaveOpen(keys, because: .notCaptured) }
    if plugins.first == "cilium-cni" {
      // A capture that holds other sockets would hold this one.
      let sockets = known.list("runtime.sockets") ?? known.list("runtime.listeningSockets") ?? []
      if sockets.isEmpty {
        collected.leaveOpen(keys[1], because: .notCaptured)
      } else {
        switch source.existing("/run/cilium/cilium.sock") {
        case .found: collected.add(keys[1], bool: false, from: "/run/cilium/cilium.sock")
        case .absent: collected.add(keys[1], bool: true, from: "/run/cilium/cilium.sock")
        case .unknown(let error): collected.leaveOpen(keys[1], because: error)
        }
      }
    } else {
      collected.add(keys[1], bool: false, from: known["cni.plugins"]?.source ?? "/etc/cni/net.d")
    }
    let ports = ["weave-net": "6784", "aws-cni": "50051"]
    guard let plugin = plugins.first, let port = ports[plugin] else {
      return collected.add(keys[0], list: [], from: known["cni.plugins"]?.source ?? "/etc/cni/net.d")
    }
    guard let fact = known["network.listeners"], case .list(let listeners)? = fact.value, !listeners.isEmpty else {
      return collected.leaveOpen(keys[0], because: .notCaptured)
    }
    let isHeard = listeners.contains { $0.hasSuffix(":\(port)") }
    collected.add(keys[0], list: isHeard ? [] : ["127.0.0.1:\(port) of \(plugin)"], from: fact.source)
  }

  private static func addMismatch(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "flannel.networkMismatch"
    let path = "/run/flannel/subnet.env"
    guard known.bool("flannel.used") == true else {
      if known["flannel.used"] == nil { return collected.leaveOpen(key, because: .notCaptured) }
      return collected.add(key, nil, from: path)
    }
    let pods = StaticPod.folder(in: source, known: known)
    let environment = source.reading(path)
    if let error = pods.error ?? environment.error { return collected.leaveOpen(key, because: error) }
    let lines = (environment.value ?? "").assignments.filter { $0.key == "FLANNEL_NETWORK" }
    let networks = lines.flatMap { $0.value.split(separator: ",").compactMap { IPNetwork(String($0)) } }
    // flanneld took its part from another network than the one that it was told of since.
    let own = (environment.value ?? "").assignments.filter { $0.key == "FLANNEL_SUBNET" }
    if let line = own.first, let subnet = IPNetwork(line.value), let network = networks.first,
      !networks.contains(where: { $0.overlaps(subnet) })
    {
      return collected.add(key, .text(network.description), from: path, line: line.line)
    }
    let flags = pods.value?.pod("kube-controller-manager")?.flags ?? []
    let given = flags.filter { $0.name == "cluster-cidr" }
      .flatMap { $0.value.split(separator: ",").compactMap { IPNetwork(String($0)) } }
    guard let first = lines.first, let network = networks.first, !given.isEmpty else {
      return collected.add(key, nil, from: path)
    }
    let fits = given.contains { $0.overlaps(network) }
    collected.add(key, fits ? nil : .text(network.description), from: path, line: first.line)
  }

  /// host-local keeps a file for each address that it gave out.
  private static func addUse(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "cni.addressesUsedPercent"
    guard let network = known.list("cni.networks")?.first, !network.isEmpty, !network.contains("/") else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let folder = "/var/lib/cni/networks/\(network)"
    let listing = source.listing(folder)
    if let error = listing.error { return collected.leaveOpen(key, because: error) }
    let used = (listing.value ?? []).compactMap { IPAddress($0) }.filter(\.isIPv4)
    guard let any = used.first else { return collected.add(key, .number(0), from: folder) }
    let environment = (source.reading("/run/flannel/subnet.env").value ?? "").assignments
    let subnets = environment.filter { $0.key == "FLANNEL_SUBNET" }.compactMap { IPNetwork($0.value) }
    guard let subnet = (subnets + configured(source, known)).first(where: { $0.contains(any) }), subnet.length >= 16,
      subnet.length < 31
    else { return collected.leaveOpen(key, because: .notCaptured) }
    // The network's own address, the broadcast and the bridge's take three.
    let capacity = Double((1 << (32 - subnet.length)) - 3)
    collected.add(key, .number((100 * Double(used.count) / capacity).rounded()), from: folder)
  }

  private static func configured(_ source: any Source, _ known: KnownFacts) -> [IPNetwork] {
    guard let file = known["cni.plugins"]?.source, let text = source.reading(file).value,
      let root = try? JSONTree.parse(text)
    else { return [] }
    let chain = root["plugins"]?.items ?? [root]
    return chain.flatMap { plugin -> [IPNetwork] in
      let ipam = plugin["ipam"]
      let ranges = (ipam?["ranges"]?.items ?? []).flatMap(\.items).compactMap { $0["subnet"]?.text }
      return ([ipam?["subnet"]?.text].compactMap(\.self) + ranges).compactMap { IPNetwork($0) }
    }
  }
}
