import Model
import Testing

@testable import Collectors

@Suite struct ClusterTests {
  private let flags = """
    apiVersion: v1
    kind: Pod
    metadata: {name: kube-controller-manager}
    spec:
      containers:
      - name: kube-controller-manager
        command: [kube-controller-manager, --cluster-cidr=10.244.0.0/16, --service-cluster-ip-range=10.96.0.0/12]

    """

  private func collect(_ source: MemorySource) -> Collected { ClusterCollector.collect(from: source, known: [:]) }

  @Test func readsTheNetworksOfTheCluster() {
    let path = "/etc/kubernetes/manifests/kube-controller-manager.yaml"
    let facts = values(collect(MemorySource(files: [path: flags])))
    #expect(facts["cluster.podCIDRs"] == .list(["10.244.0.0/16"]))
    #expect(facts["cluster.serviceCIDRs"] == .list(["10.96.0.0/12"]))
    let subnet = "FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_MTU=1450\n"
    let worker = collect(MemorySource(files: ["/run/flannel/subnet.env": subnet]))
    #expect(values(worker)["cluster.podCIDRs"] == .list(["10.42.0.0/16"]))
    #expect(worker.unknown["cluster.serviceCIDRs"] != nil)
  }

  @Test func onlyCardsHaveAnAddressOfTheirOwn() {
    let folder = "/sys/class/net/"
    let facts = values(
      collect(
        MemorySource(files: [
          folder + "eth0/address": "52:54:00:00:00:01\n", folder + "eth0/device/vendor": "x",
          folder + "cni0/address": "0a:00:00:00:00:01\n", folder + "cni0/mtu": "1450\n",
        ])))
    #expect(facts["identity.macAddresses"] == .list(["52:54:00:00:00:01"]))
    #expect(facts["cni.mtus"] == .list(["cni0=1450"]))
  }

  @Test func aDamagedAuthorityIsNotAbsent() {
    let path = "/etc/kubernetes/pki/ca.crt"
    #expect(collect(MemorySource(files: [path: "x"])).unknown["cluster.caFingerprint"] != nil)
    #expect(values(collect(MemorySource()))["cluster.caFingerprint"] == .some(nil))
    #expect(collect(MemorySource(open: ["/etc", "/sys", "/run"])).facts.isEmpty)
  }
}
