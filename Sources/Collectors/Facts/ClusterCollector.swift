import Model
import PublicKeys

/// What the nodes of one cluster share, and what each must have for itself.
///
/// - SeeAlso: sysfs-class-net, kube-controller-manager(1), kube-apiserver(1)
enum ClusterCollector: Collector {
  static let name = "cluster"

  static let answers: [(key: String, summary: String)] = [
    ("cluster.podCIDRs", "the networks of all pods: --cluster-cidr, flannel's subnet.env"),
    ("cluster.serviceCIDRs", "the networks of services: --service-cluster-ip-range"),
    ("cluster.caFingerprint", "the SHA-256 of the cluster CA's public key, as kubeadm join takes it: RFC 7469"),
    ("identity.macAddresses", "the addresses of the network cards: /sys/class/net/*/address"),
    ("cni.mtus", "interface=MTU of the pod network's interfaces: /sys/class/net/*/mtu"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addNetworks(to: &collected, from: source, known: known)
    addInterfaces(to: &collected, from: source)
    let ca = known.filled("kubelet.clientCAFile") ?? "/etc/kubernetes/pki/ca.crt"
    collected.answer("cluster.caFingerprint", from: ca) { () throws(ReadError) in
      guard let certificate = Certificate.all(pem: try source.text(of: ca))?.first,
        let digest = PublicKeyDigest(certificate: certificate.der)
      else { throw .malformed("holds no certificate") }
      return .text("sha256:" + digest.hex)
    }
    return collected
  }

  private static func addNetworks(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let folder = StaticPod.folder(in: source, known: known)
    let flags = folder.value?.pods.flatMap(\.flags) ?? []
    func networks(_ flag: String) -> [String] {
      flags.filter { $0.name == flag }.flatMap { $0.value.split(separator: ",").map(String.init) }.distinct
    }
    let path = StaticPod.folderPath(known)
    let subnet = "/run/flannel/subnet.env"
    let flannel = numberedLines(source.reading(subnet).value ?? "").filter { $0.text.hasPrefix("FLANNEL_NETWORK=") }
    if let line = flannel.first {
      let value = String(line.text.dropFirst("FLANNEL_NETWORK=".count))
      collected.add("cluster.podCIDRs", .list([value]), from: subnet, line: line.number)
    } else if !networks("cluster-cidr").isEmpty {
      collected.add("cluster.podCIDRs", list: networks("cluster-cidr"), from: path)
    } else {
      // A worker does not say it.
      collected.leaveOpen("cluster.podCIDRs", because: folder.error ?? .notCaptured)
    }
    if networks("service-cluster-ip-range").isEmpty {
      collected.leaveOpen("cluster.serviceCIDRs", because: folder.error ?? .notCaptured)
    } else {
      collected.add("cluster.serviceCIDRs", list: networks("service-cluster-ip-range"), from: path)
    }
  }

  private static func addInterfaces(to collected: inout Collected, from source: any Source) {
    let folder = "/sys/class/net"
    guard let names = source.listing(folder).value else {
      return collected.leaveOpen(
        ["identity.macAddresses", "cni.mtus"], because: source.listing(folder).error ?? .notCaptured)
    }
    var addresses: [String] = []
    var sizes: [String] = []
    for name in names.prefix(5000) {
      // Only a card has a device; bridges and tunnels make their addresses up.
      if source.existing("\(folder)/\(name)/device").value != nil,
        let address = source.reading("\(folder)/\(name)/address").value?.trimmed, address != "00:00:00:00:00:00"
      {
        addresses.append(address)
      }
      if ["cni0", "flannel.1", "vxlan.calico", "tunl0", "cilium_vxlan", "weave", "antrea-gw0"].contains(name),
        let size = source.reading("\(folder)/\(name)/mtu").value?.trimmed
      {
        sizes.append("\(name)=\(size)")
      }
    }
    collected.add("identity.macAddresses", list: addresses.distinct, from: folder)
    if sizes.isEmpty {
      collected.leaveOpen("cni.mtus", because: .notCaptured)
    } else {
      collected.add("cni.mtus", list: sizes, from: folder)
    }
  }
}
