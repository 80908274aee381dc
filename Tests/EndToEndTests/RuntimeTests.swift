import Foundation
import Testing

/// `kdoctor diagnose` on nodes whose containerd is a real one, in every state that it can be in.
@Suite(.enabled(if: PrivateNode.isPossible && Containerd.ofTheMachine != nil)) struct RuntimeTests {
  private static let file = "/etc/containerd/config.toml"

  private func containerd() throws -> Containerd { try #require(Containerd.ofTheMachine) }

  private struct Report {
    let status: Int32
    let ids: [String]
    let json: String
    let collection: [[String: Any]]

    func details() -> String { collection.compactMap { $0["detail"] as? String }.joined(separator: "\n") }
  }

  private func diagnose(_ node: PrivateNode) throws -> Report {
    let result = try node.run([Binary.path, "diagnose", "-o", "json"])
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
    return Report(
      status: result.status, ids: try Binary.activeIDs(result.output), json: result.output,
      collection: json["collection"] as? [[String: Any]] ?? [])
  }

  @Test func aHealthyNodeHasNoFindings() throws {
    let containerd = try containerd()
    var node = containerd.node(config: containerd.goodConfig)
    node.script.append(Containerd.start)
    let report = try diagnose(node)
    #expect(report.ids == [])
    #expect(report.status == 0, "\(report.details())")
    #expect(!report.details().contains("runtime."), "\(report.details())")
  }

  @Test(arguments: [
    "disabled_plugins = [\"cri\"]\n", "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n",
  ]) func criIsOff(config: String) throws {
    var node = try containerd().node(config: config)
    node.script.append(Containerd.start)
    let report = try diagnose(node)
    #expect(report.ids == ["cri-plugin-disabled"])
    #expect(report.json.contains("unknown service runtime.v1.RuntimeService"))
    #expect(report.json.contains("containerd.criDisabled"))
  }

  @Test func criIsOffUntilTheRestartThatIsOwed() throws {
    let containerd = try containerd()
    var node = containerd.node(config: "disabled_plugins = [\"cri\"]\n")
    node.files["/etc/containerd/good.toml"] = containerd.goodConfig
    node.script += [Containerd.start, "sleep 3.1; cat /etc/containerd/good.toml > \(Self.file)"]
    let ids = try diagnose(node).ids
    #expect(ids == ["cri-plugin-disabled"])
  }

  @Test func criRefusesItsSettings() throws {
    var node = try containerd().node(
      config: "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\nsystemd_cgroup = true\n")
    node.script.append(Containerd.start)
    let ids = try diagnose(node).ids
    #expect(ids == ["cri-plugin-load-failed"])
  }

  @Test(arguments: [
    ("version = 2\ndisabled_plugins = [\"cri\"]\n", "cri-plugin-disabled"),
    ("disabled_plugins = [\"cri\"\nversion = 2\n", "containerd-config-invalid"),
  ]) func containerdDoesNotStart(config: String, id: String) throws {
    var node = try containerd().node(config: config)
    node.script.append("! containerd")
    let ids = try diagnose(node).ids
    #expect(ids == [id])
  }

  @Test func containerdHasStopped() throws {
    let containerd = try containerd()
    var node = containerd.node(config: containerd.goodConfig)
    node.script += [Containerd.start, "kill -KILL $containerd; wait $containerd || true; ls /run/containerd/*.sock"]
    let ids = try diagnose(node).ids
    #expect(ids == ["containerd-not-running"])
  }

  @Test func containerdIsFrozen() throws {
    let containerd = try containerd()
    var node = containerd.node(config: containerd.goodConfig)
    node.script += [Containerd.start, "kill -STOP $containerd"]
    let began = ContinuousClock.now
    let report = try diagnose(node)
    #expect(ContinuousClock.now - began < .seconds(10))
    #expect(report.ids == ["runtime-unresponsive"])
    #expect(report.details().contains("/run/containerd/containerd.sock accepts connections and gives no answer"))
  }

  @Test func theNetworkIsNotReady() throws {
    let containerd = try containerd()
    var node = containerd.node(config: containerd.goodConfig)
    node.files["/etc/cni/net.d/10-bridge.conflist"] = nil
    node.script.append(Containerd.start)
    let report = try diagnose(node)
    #expect(report.ids == ["cni-not-initialized"])
    #expect(report.json.contains("runtime.networkReady"))
  }

  /// What is in force counts, not what the file says by now.
  @Test func theDriverInForceIsAnother() throws {
    let containerd = try containerd()
    var node = containerd.node(config: "version = 2\n")
    node.files["/etc/cni/net.d/10-bridge.conflist"] = PrivateNode.kubeadm().files["/etc/cni/net.d/10-bridge.conflist"]
    node.files["/etc/containerd/good.toml"] = containerd.goodConfig
    node.script += [Containerd.start, "cat /etc/containerd/good.toml > \(Self.file)"]
    let report = try diagnose(node)
    #expect(report.ids == ["cgroup-driver-mismatch"])
    #expect(report.json.contains("\"/run/containerd/containerd.sock\""))
    let facts = try node.run([Binary.path, "facts"])
    let owed = facts.output.split(separator: "\n").first { $0.hasPrefix("containerd.restartOwed") }
    #expect(owed?.contains(" true ") == true)
  }
}

/// The same with the containerd of other releases of Debian.
@Suite(.enabled(if: PrivateNode.isPossible)) struct OtherRuntimeTests {
  private func ids(_ node: PrivateNode) throws -> [String] {
    var node = node
    node.script.append(Containerd.start)
    return try Binary.activeIDs(try node.run([Binary.path, "diagnose", "-o", "json"]).output)
  }

  @Test(arguments: Containerd.ofOtherReleases) func criOnAndOff(containerd: Containerd) throws {
    #expect(try ids(containerd.node(config: containerd.goodConfig)) == [])
    let off = "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n"
    #expect(try ids(containerd.node(config: off)) == ["cri-plugin-disabled"])
    #expect(try ids(containerd.node(config: "disabled_plugins = [\"cri\"]\n")) == ["cri-plugin-disabled"])
  }

  @Test(arguments: Containerd.ofOtherReleases) func anOldKubelet(containerd: Containerd) throws {
    let node = containerd.node(config: containerd.goodConfig, kubelet: "1.22.17-00")
    #expect(try ids(node) == (containerd.version.hasPrefix("2.") ? ["cri-v1alpha2-removed"] : []))
  }
}
