import Model

/// Addresses that parts of the control plane are told to ask, and that another part on the same node does not serve.
///
/// - SeeAlso: kube-apiserver(1), etcd(1), kubeconfig v1
enum ControlPlaneAddressCollector: Collector {
  static let name = "control plane addresses"

  static let answers: [(key: String, summary: String)] = [
    ("etcd.unservedEndpoints", "--etcd-servers of the API server that the node's own etcd does not serve: etcd(1)"),
    (
      "kubeconfig.deadServers",
      "servers of kubeconfigs that are this node, on ports where nobody listens while its API server runs: kubeconfig v1"
    ),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let folder = StaticPod.folder(in: source, known: known)
    if let error = folder.error {
      collected.leaveOpen(answers.map(\.key), because: error)
      return collected
    }
    let server = folder.value?.pod("kube-apiserver")
    addEndpoints(to: &collected, server, folder.value?.pod("etcd"), known)
    addServers(to: &collected, server, known)
    return collected
  }

  /// Whether an address means this node.
  private static func isHere(_ host: String, _ known: KnownFacts) -> Bool {
    if host == "localhost" { return true }
    guard let address = IPAddress(host) else { return false }
    return address.isLoopback || (known.list("network.addresses") ?? []).contains(address.description)
  }

  private static func values(_ name: String, of pod: StaticPod) -> [(text: String, line: Int)] {
    pod.flags.filter { $0.name == name }.flatMap { flag in
      flag.value.split(separator: ",").map { (String($0).trimmed, flag.line) }
    }
  }

  private static func port(of url: String) -> String? {
    let host = hostPart(of: url)
    let rest = url.firstRange(of: host).map { url[$0.upperBound...] } ?? ""
    let digits = rest.drop { $0 == "]" || $0 == ":" }.prefix { $0.isNumber }
    return digits.isEmpty ? nil : String(digits)
  }

  private static func addEndpoints(
    to collected: inout Collected, _ server: StaticPod?, _ etcd: StaticPod?, _ known: KnownFacts
  ) {
    let key = "etcd.unservedEndpoints"
    guard let server, let etcd else { return collected.leaveOpen(key, because: .notCaptured) }
    let served = values("listen-client-urls", of: etcd).map(\.text)
    if served.isEmpty { return collected.leaveOpen(key, because: .notCaptured) }
    let unserved = values("etcd-servers", of: server).filter { asked in
      let host = hostPart(of: asked.text)
      guard isHere(host, known) || served.contains(where: { hostPart(of: $0) == host }) else { return false }
      return !served.contains { url in
        let mine = hostPart(of: url)
        let isSame = mine == host || IPAddress(mine)?.isUnspecified == true || host == "localhost"
        return isSame && port(of: url) == port(of: asked.text)
          && url.hasPrefix("https://") == asked.text.hasPrefix("https://")
      }
    }
    collected.add(key, list: unserved.map(\.text).distinct, from: server.path, line: unserved.first?.line)
  }

  private static func addServers(to collected: inout Collected, _ server: StaticPod?, _ known: KnownFacts) {
    let key = "kubeconfig.deadServers"
    guard let fact = known["kubeconfig.servers"], let urls = known.list("kubeconfig.servers"),
      let listeners = known.list("network.listeners"), let server
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let ports = Set(listeners.compactMap { $0.split(separator: ":").last.map(String.init) })
    // Where the API server is down, all of its addresses are dead, and the reason is another.
    guard ports.contains(values("secure-port", of: server).first?.text ?? "6443") else {
      return collected.add(key, list: [], from: fact.source)
    }
    let dead = urls.filter { url in
      guard isHere(hostPart(of: url), known) else { return false }
      return !ports.contains(port(of: url) ?? "443")
    }
    collected.add(key, list: dead, from: fact.source, line: dead.isEmpty ? nil : fact.line)
  }
}
