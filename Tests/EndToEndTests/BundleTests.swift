import Foundation
import Testing

/// What `diagnose` says of a live node and what `analyze` says of its bundles are the same.
@Suite(.enabled(if: PrivateNode.isPossible)) struct BundleTests {
  /// Ways to break a healthy node.
  enum Fault: String, CaseIterable, Sendable {
    case none, criOff, badConfig, noRuntime, swap, noForwarding, noNetwork, hostNameInLogs
  }

  private func node(_ fault: Fault) throws -> PrivateNode {
    var node: PrivateNode
    if let containerd = Containerd.ofTheMachine {
      let config =
        switch fault {
        case .criOff: "disabled_plugins = [\"cri\"]\n"
        case .badConfig: "disabled_plugins = [\"cri\"\n"
        default:
          containerd.goodConfig + "[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"r.example\".auth]\n"
            + "password = \"pa55-in-the-registry\"\n"
        }
      node = containerd.node(config: config)
      if fault == .badConfig {
        node.script.append("! containerd")
      } else if fault != .noRuntime {
        node.script.append(Containerd.start)
      }
    } else {
      node = .kubeadm()
    }
    switch fault {
    case .swap:
      node.files["/proc/swaps"] =
        "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/sda2                               partition\t2097148\t0\t-2\n"
    case .noForwarding: node.script.append("echo 0 > /proc/sys/net/ipv4/ip_forward")
    case .noNetwork: node.files["/etc/cni/net.d/10-bridge.conflist"] = nil
    case .hostNameInLogs:
      node.files["/var/log/syslog"] = """
        Nov 25 10:00:00 node-1 kubelet[812]: E1125 10:00:00.123456     812 run.go:72] "command failed" err="failed to run Kubelet: no client provided, cannot use webhook authorization"
        Nov 25 10:00:01 node-1 kubelet[812]: I1125 10:00:01.123456     812 request.go:100] "Request" header="Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2RlIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"

        """
    default: break
    }
    node.files["/var/lib/kubelet/kubeadm-flags.env"] = "KUBELET_KUBEADM_ARGS=\"--node-ip=192.168.77.10\"\n"
    node.files["/etc/kubernetes/kubelet.conf"] = """
      apiVersion: v1
      kind: Config
      users:
      - name: system:node:node-1
        user:
          token: t0ken-of-the-kubelet

      """
    return node
  }

  private static let mark = "=====kdoctor====="
  private static let secrets = ["pa55-in-the-registry", "t0ken-of-the-kubelet", "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"]

  /// Runs the commands one after the other on one node; what each prints.
  private func run(_ fault: Fault, _ commands: [String]) throws -> [String] {
    let script = commands.map { $0.replacing("kdoctor", with: "'\(Binary.path)'") + " || true" }
      .joined(separator: "; echo '\(Self.mark)'; ")
    let result = try node(fault).run(["bash", "-c", "cd /run; " + script])
    let outputs = result.output.components(separatedBy: Self.mark + "\n")
    try #require(outputs.count == commands.count, "\(result.output.prefix(2000)) \(result.errors.prefix(2000))")
    return outputs
  }

  /// A report without what may differ.
  private func comparable(_ json: String) throws -> NSDictionary {
    var report = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any], "\(json.prefix(500))")
    report["source"] = nil
    report["collection"] = nil
    return report as NSDictionary
  }

  @Test(arguments: Fault.allCases) func replayIsWhatDiagnoseSaid(_ fault: Fault) throws {
    let said = try run(
      fault,
      [
        "kdoctor diagnose -o json", "kdoctor bundle b.tar.gz; kdoctor analyze b.tar.gz -o json",
        "kdoctor bundle --from b.tar.gz c.tar.zst; kdoctor analyze c.tar.zst -o json",
        "mkdir u; tar -xzf b.tar.gz -C u; kdoctor analyze u/* -o json", "cat u/*/report.json",
        "kdoctor bundle --anonymize d.tar.gz; kdoctor analyze d.tar.gz -o json", "cat d.tar.gz.map.json",
      ])
    let live = try comparable(said[0])
    for index in 1...4 { #expect(try comparable(said[index]) == live, "replay \(index) of \(fault)") }
    let map = try #require(try JSONSerialization.jsonObject(with: Data(said[6].utf8)) as? [String: String])
    #expect(try comparable(restored(said[5], map)) == live, "anonymized \(fault)")
    #expect(!said[5].contains("192.168.77.10"))
  }

  /// The text with every stand-in replaced by what it stands for.
  private func restored(_ text: String, _ map: [String: String]) -> String {
    var text = text
    for (standIn, original) in map.sorted(by: { ($0.key.count, $0.key) > ($1.key.count, $1.key) }) {
      text = text.replacing(standIn, with: original)
    }
    return text
  }

  @Test func noSecretOfTheNodeIsInTheBundle() throws {
    let search = Self.secrets.map { "-e '\($0)'" }.joined(separator: " ")
    let said = try run(
      .hostNameInLogs,
      [
        "kdoctor bundle b.tar 2>&1", "grep -a \(search) b.tar | cut -c -300 | base64 -w0",
        "tar -xf b.tar; cat */manifest.json",
        "grep -ac 'apiVersion: v1' b.tar",
      ])
    #expect(said[0].contains("taken out"))
    #expect(said[1] == "", "\(said[1])")
    #expect(said[2].contains("kubelet.conf"))
    #expect(said[3] != "0\n", "the rest of the file is there")
  }

  @Test func aBundleAppearsWholeOrNotAtAll() throws {
    let said = try run(
      .none,
      [
        "mkdir full; mount -t tmpfs -o size=16k tmpfs full; kdoctor bundle full/b.tar.gz 2>&1; echo status $?",
        "ls full",
        "kdoctor bundle - > stream.tar.gz 2>/dev/null; kdoctor analyze stream.tar.gz -o json",
        "head -c 3000 stream.tar.gz > cut.tar.gz; kdoctor analyze cut.tar.gz; echo status $?",
      ])
    #expect(said[0].contains("no space left"))
    #expect(said[0].contains("status 2"))
    #expect(said[1] == "")
    let ids = try Binary.activeIDs(said[2])
    #expect(ids == [])
    #expect(!said[3].contains("status 0"), "a cut bundle is not health: \(said[3])")
  }
}
