import Model

/// Static pods, what kubeadm left on the node, and the addresses of the control plane.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
enum ControlPlaneCollector: Collector {
  static let name = "control plane"

  static let answers: [(key: String, summary: String)] = [
    ("staticpods.files", "the files in the kubelet's folder of static pods: kubelet staticPodPath"),
    ("staticpods.invalid", "the files there that the kubelet refuses, with the reason: Pod v1"),
    ("kubeadm.manifests", "the control plane's manifests in /etc/kubernetes/manifests: kubeadm init"),
    ("kubeadm.leftovers", "files of a cluster that kubeadm init and join would stumble over: kubeadm preflight"),
    ("apiserver.advertiseAddress", "--advertise-address of the API server's manifest: kube-apiserver(1)"),
    ("apiserver.unboundAddresses", "addresses of the API server's manifest that the node does not have"),
    ("etcd.unboundAddresses", "addresses that etcd is told to listen on and the node does not have"),
    ("apiserver.endpoint", "host:port of the API server in the kubelet's kubeconfig: kubeconfig v1"),
    ("kubeconfig.servers", "the servers that the kubeconfigs in /etc/kubernetes name: kubeconfig v1"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addStaticPods(to: &collected, from: source, known: known)
    addLeftovers(to: &collected, from: source)
    addServers(to: &collected, from: source)
    return collected
  }

  private static func addStaticPods(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let path = StaticPod.folderPath(known)
    let addressKeys = ["apiserver.unboundAddresses", "etcd.unboundAddresses"]
    let folder: StaticPod.Folder
    switch StaticPod.folder(in: source, known: known) {
    case .unknown(let error):
      let keys = ["staticpods.files", "staticpods.invalid", "apiserver.advertiseAddress"] + addressKeys
      return collected.leaveOpen(keys, because: error)
    case .absent: folder = StaticPod.Folder(path: path)
    case .found(let found): folder = found
    }
    collected.add("staticpods.files", list: folder.files, from: path)
    if let error = folder.unread, folder.invalid.isEmpty {
      collected.leaveOpen("staticpods.invalid", because: error)
    } else {
      let first = folder.invalid.first
      collected.add(
        "staticpods.invalid", list: folder.invalid.map(\.text), from: first?.path ?? path, line: first?.line)
    }
    if let error = folder.unread, folder.pods.isEmpty {
      return collected.leaveOpen(["apiserver.advertiseAddress"] + addressKeys, because: error)
    }
    let server = folder.pod("kube-apiserver")
    let advertised = server?.flags.first { $0.name == "advertise-address" }
    collected.add(
      "apiserver.advertiseAddress", advertised.map { .text($0.value) }, from: server?.path ?? path,
      line: advertised?.line)
    addUnbound(
      addressKeys[0], of: server, flags: ["advertise-address", "bind-address"], path, to: &collected, from: source)
    addUnbound(
      addressKeys[1], of: folder.pod("etcd"),
      flags: ["listen-client-urls", "listen-peer-urls", "listen-metrics-urls"], path, to: &collected, from: source)
  }

  /// Adds the addresses of a pod's flags that are on no interface.
  private static func addUnbound(
    _ key: String, of pod: StaticPod?, flags names: [String], _ path: String, to collected: inout Collected,
    from source: any Source
  ) {
    let flags = pod?.flags.filter { names.contains($0.name) } ?? []
    guard let pod, !flags.isEmpty else { return collected.add(key, list: [], from: pod?.path ?? path) }
    let addresses = NetworkCollector.localAddresses(of: source).addresses
    guard let local = addresses.value else {
      return collected.leaveOpen(key, because: addresses.error ?? .notCaptured)
    }
    var unbound: [String] = []
    var line: Int?
    for flag in flags {
      let hosts = flag.value.split(separator: ",").map { hostPart(of: String($0).trimmed) }
      let missing = NetworkCollector.unbound(hosts.map { IPAddress($0)?.description ?? $0 }, local: local)
      if line == nil, !missing.isEmpty { line = flag.line }
      unbound += missing
    }
    collected.add(key, list: unbound.distinct, from: pod.path, line: line)
  }

  private static func addLeftovers(to collected: inout Collected, from source: any Source) {
    let folder = "/etc/kubernetes"
    let components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    let manifests = components.map { "\(folder)/manifests/\($0).yaml" }
    let files = manifests + ["kubelet.conf", "bootstrap-kubelet.conf", "pki/ca.crt"].map { "\(folder)/\($0)" }
    var found: [String] = []
    for file in files {
      switch source.existing(file) {
      case .found: found.append(file)
      case .absent: continue
      case .unknown(let error):
        return collected.leaveOpen(["kubeadm.manifests", "kubeadm.leftovers"], because: error)
      }
    }
    collected.add("kubeadm.manifests", list: found.filter(manifests.contains), from: "\(folder)/manifests")
    if let entries = source.listing("/var/lib/etcd").value, !entries.isEmpty { found.append("/var/lib/etcd") }
    collected.add("kubeadm.leftovers", list: found, from: folder)
  }

  private static func addServers(to collected: inout Collected, from source: any Source) {
    let names = ["kubelet", "bootstrap-kubelet", "admin", "super-admin", "controller-manager", "scheduler"]
    var servers: [(url: String, path: String, line: Int)] = []
    var error: ReadError?
    for path in names.map({ "/etc/kubernetes/\($0).conf" }) {
      let read = source.reading(path)
      if let reason = read.error { error = reason }
      guard let text = read.value, let config = Kubeconfig(path: path, text: text) else { continue }
      servers += config.servers.map { ($0.url, path, $0.line) }
    }
    if let error, servers.isEmpty {
      return collected.leaveOpen(["apiserver.endpoint", "kubeconfig.servers"], because: error)
    }
    let first = servers.first
    let endpoint = first.map { server -> FactValue in
      let rest = server.url.firstRange(of: "://").map { server.url[$0.upperBound...] } ?? server.url[...]
      return .text(String(rest.prefix { $0 != "/" }))
    }
    let path = first?.path ?? "/etc/kubernetes/kubelet.conf"
    collected.add("apiserver.endpoint", endpoint, from: path, line: first?.line)
    collected.add("kubeconfig.servers", list: servers.map(\.url).distinct, from: path, line: first?.line)
  }
}
