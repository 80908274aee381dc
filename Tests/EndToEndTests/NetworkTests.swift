import Foundation
import Testing

/// Questions that leave the machine, on a node whose network has no way out.
@Suite(.serialized, .enabled(if: PrivateNode.isPossible)) struct NetworkTests {
  /// A node that knows the address of the registry from a file, so that only the connection can fail.
  private static func node() -> PrivateNode {
    var node = PrivateNode.kubeadm()
    node.files["/etc/hosts", default: ""] += "203.0.113.9 registry.k8s.io\n"
    node.files["/etc/nsswitch.conf"] = "hosts: files\n"
    // What IPv6 says by itself on a new link would be counted, too.
    node.script.append("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; sleep 0.2")
    return node
  }

  /// Runs kdoctor and gives, beside what it printed, how many packets left the node meanwhile.
  private static func run(_ arguments: String) throws -> (result: Binary.Result, packets: Int) {
    let count = "awk '/eth0:/ {print $11}' /proc/net/dev"
    let result = try node().run([
      "sh", "-c",
      """
      before=$(\(count)); '\(Binary.path)' \(arguments); status=$?
      echo sent $(($(\(count)) - before)) >&2; exit $status
      """,
    ])
    let sent = result.errors.split(separator: "\n").last { $0.hasPrefix("sent ") }
    return (result, try #require(sent.flatMap { Int($0.dropFirst(5)) }))
  }

  @Test func nothingLeavesTheNodeUnasked() throws {
    for command in ["diagnose -o json", "preflight -o json", "facts -o json", "bundle /run/node.tar.gz"] {
      let (result, packets) = try Self.run(command)
      #expect(packets == 0, "\(command)")
      #expect(!result.output.contains("\"image-registry-unreachable\""), "\(command)")
    }
  }

  @Test func theRegistryIsFoundUnreachable() throws {
    let (result, packets) = try Self.run("diagnose --network -o json")
    #expect(packets > 0)
    #expect(try Binary.activeIDs(result.output).contains("image-registry-unreachable"))
    #expect(result.output.contains("registry.k8s.io:443: "))
    #expect(!result.output.contains("\"id\" : \"dns-resolution-failed\""))
  }

  @Test func preflightSkipsWhatWasNotAsked() throws {
    func check(_ arguments: String) throws -> (status: String?, exit: Int32) {
      let result = try Self.run(arguments).result
      let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let checks = try #require(report["checks"] as? [[String: Any]])
      return (checks.first { $0["id"] as? String == "registry" }?["status"] as? String, result.status)
    }
    #expect(try check("preflight -o json").status == "skipped")
    let asked = try check("preflight --network -o json")
    #expect(asked.status == "failed")
    #expect(asked.exit == 1)
  }

  @Test func aBundleKeepsTheAnswer() throws {
    let result = try Self.node().run([
      "sh", "-c",
      "'\(Binary.path)' bundle --network --quiet /run/n.tar && '\(Binary.path)' analyze -o json /run/n.tar",
    ])
    #expect(try Binary.activeIDs(result.output).contains("image-registry-unreachable"))
  }

  @Test func anotherRootHasNoNetwork() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appendingPathComponent("etc"), withIntermediateDirectories: true)
    for command in ["diagnose", "preflight", "facts", "bundle"] {
      let result = try Binary.run([command, "--network", "--root", folder.path], in: folder)
      #expect(result.status == 64)
      #expect(result.errors.contains("--network"))
    }
  }
}
