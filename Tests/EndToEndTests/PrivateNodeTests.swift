import Foundation
import Testing

@Suite(.enabled(if: PrivateNode.isPossible)) struct PrivateNodeTests {
  @Test func leavesTheMachineAlone() throws {
    var node = PrivateNode.kubeadm()
    node.script.append("echo changed > /etc/kdoctor-was-here")
    let result = try node.run([
      "sh", "-c", "ls /var/lib/kubelet; cat /etc/kdoctor-was-here /proc/1/comm; hostname; exit 7",
    ])
    #expect(result.status == 7)
    #expect(result.output == "config.yaml\nkubeadm-flags.env\nchanged\nbash\nnode-1\n")
    #expect(!FileManager.default.fileExists(atPath: "/etc/kdoctor-was-here"))
  }

  @Test func saysWhyItWasNotMadeReady() {
    var node = PrivateNode()
    node.script = ["echo no such luck >&2; false"]
    #expect(throws: PrivateNode.Failure.self) { try node.run(["true"]) }
  }
}
