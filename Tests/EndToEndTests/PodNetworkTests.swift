import Foundation
import Testing

/// `kdoctor diagnose` on nodes with real interfaces and addresses, in a network of their own.
@Suite(.enabled(if: PrivateNode.isPossible && Containerd.ofTheMachine != nil)) struct PodNetworkTests {
  /// A healthy node whose pods are connected by flannel: subnet.env, cni0 and flannel.1 fit together.
  private func flannelNode(bridge: String = "10.244.1.1/24") throws -> PrivateNode {
    let containerd = try #require(Containerd.ofTheMachine)
    var node = containerd.node(config: containerd.goodConfig)
    node.files["/etc/cni/net.d/10-bridge.conflist"] = nil
    node.files["/etc/cni/net.d/10-flannel.conflist"] = """
      {"name": "cbr0", "cniVersion": "1.0.0", "plugins": [{"type": "flannel", "delegate": {"isDefaultGateway": true}},
      {"type": "portmap", "capabilities": {"portMappings": true}}]}

      """
    for plugin in ["flannel", "portmap"] { node.files["/opt/cni/bin/" + plugin] = "#!/bin/sh\n" }
    node.files["/run/flannel/subnet.env"] =
      "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"
    node.script += [
      "ip link add cni0 type bridge", "ip link set cni0 up", "ip address add \(bridge) dev cni0",
      "ip link add flannel.1 type vxlan id 1 dev lo dstport 8472", "ip link set flannel.1 up",
      "ip address add 10.244.1.0/32 dev flannel.1", Containerd.start,
    ]
    return node
  }

  private func ids(_ node: PrivateNode) throws -> [String] {
    try Binary.activeIDs(try node.run([Binary.path, "diagnose", "-o", "json"]).output)
  }

  @Test func flannelThatFitsIsHealthy() throws {
    let ids = try ids(try flannelNode())
    #expect(ids == [])
  }

  @Test func theBridgeHasTheAddressOfAnotherNetwork() throws {
    let ids = try ids(try flannelNode(bridge: "10.244.7.1/24"))
    #expect(ids.first == "cni-bridge-address-conflict")
    #expect(ids.count == 1)
  }

  @Test func flannelLeftNoSubnet() throws {
    var node = try flannelNode()
    node.files["/run/flannel/subnet.env"] = nil
    let ids = try ids(node)
    #expect(ids.first == "flannel-subnet-env-missing")
    #expect(ids.count == 1)
  }

  @Test func noInterfaceHasTheNodesAddress() throws {
    var node = try flannelNode()
    // The flag counts where it is in force: on the command line of the process that runs.
    node.files["/run/wait"] = "sleep infinity; :\n"
    node.script[0] = "(exec -a /usr/bin/kubelet bash /run/wait --node-ip=203.0.113.10) &"
    let ids = try ids(node)
    #expect(ids == ["node-ip-not-on-host"])
  }
}
