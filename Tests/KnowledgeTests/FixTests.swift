import EmbeddedKnowledge
import Foundation
import Knowledge
import LogScan
import Model
import Testing

@testable import Knowledge

/// Every command of every fix is shell that can be pasted, whatever values are filled in.
@Suite struct FixTests {
  private static let rules: [Rule] =
    (try? EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) })?.rules ?? []

  /// A value that breaks out of any careless quoting.
  private static let hostile = "a b'c\"$(touch x);`touch x`|&<>*"

  private static func filled(_ template: String) -> String {
    var names: [String: String] = [:]
    for part in template.components(separatedBy: "${").dropFirst() {
      let name = part.prefix { !"}|?".contains($0) }
      names[String(name)] = hostile
    }
    return CommandTemplate.fill(template, captures: names, facts: [:])
  }

  @Test func shellcheckPassesEveryFix() throws {
    try #require(!Self.rules.isEmpty)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var files: [String] = []
    for rule in Self.rules {
      for (index, fix) in rule.fixes.enumerated() {
        let lines = (fix.commands + fix.verify + fix.undo).map(Self.filled)
        let url = folder.appendingPathComponent("\(rule.id)-\(index).sh")
        try (lines.joined(separator: "\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
        files.append(url.path)
      }
    }
    #expect(files.count > 200)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/shellcheck")
    process.arguments = ["-s", "bash", "-S", "warning", "-e", "SC2148", "-f", "gcc"] + files
    let report = folder.appendingPathComponent("report")
    try Data().write(to: report)
    process.standardOutput = try FileHandle(forWritingTo: report)
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: report, encoding: .utf8)
    #expect(process.terminationStatus == 0, "\(text)")
  }

  @Test func noFixIsReckless() {
    let forbidden = [
      "--ignore-preflight-errors=all", "iptables -F", "setenforce 0", "SELINUX=disabled",
    ]
    for rule in Self.rules {
      for fix in rule.fixes {
        let commands = fix.commands.joined(separator: " ; ")
        for part in commands.split(separator: "|").dropFirst() {
          let program = part.split(separator: " ").first { $0 != "sudo" }
          #expect(program != "sh" && program != "bash", "\(rule.id): nothing is piped into a shell")
        }
        for word in forbidden { #expect(!commands.contains(word), "\(rule.id): \(word)") }
        if commands.contains("rm -rf /var/lib/etcd") { #expect(fix.risk == .destructive, "\(rule.id)") }
      }
    }
  }

  @Test func aRootSaysHowToCheckItsFix() {
    for rule in Self.rules where rule.kind == .root {
      #expect(rule.fixes.contains { !$0.commands.isEmpty && !$0.verify.isEmpty }, "\(rule.id)")
    }
  }

  @Test func everyTextIsInBothLanguages() {
    for rule in Self.rules {
      for text in [rule.title, rule.cause] + rule.fixes.map(\.title) {
        #expect(text.zh.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) }, "\(rule.id): \(text.zh)")
        #expect(!text.en.isEmpty)
      }
    }
  }

  /// Of two sides that differ, the commands change the one that is not on systemd.
  @Test(arguments: [
    ("containerd", "systemd", "cgroupfs", "/etc/containerd/config.toml"),
    ("containerd", "cgroupfs", "systemd", "/var/lib/kubelet/config.yaml"),
    ("crio", "systemd", "cgroupfs", "/etc/crio/crio.conf.d/"),
    ("crio", "cgroupfs", "systemd", "/var/lib/kubelet/config.yaml"),
    ("docker", "systemd", "cgroupfs", "/etc/docker/daemon.json"),
    ("docker", "cgroupfs", "systemd", "/var/lib/kubelet/config.yaml"),
  ]) func theSideOnTheWrongCgroupDriverIsChanged(
    _ runtime: String, _ kubelet: String, _ driver: String, _ file: String
  ) throws {
    let rules = try EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) }
    let database = try EmbeddedKnowledge.database.withUnsafeBytes { try SignatureDatabase(deserializing: $0) }
    let facts: [String: FactValue] = [
      "runtime.name": .text(runtime), "kubelet.cgroupDriver": .text(kubelet), "runtime.cgroupDriver": .text(driver),
      "kubelet.takesDriverFromRuntime": .bool(false),
    ]
    let findings = try rules.diagnose(text: "", facts: facts, with: database).0.findings
    let finding = try #require(findings.first { $0.rule.id == "cgroup-driver-mismatch" })
    #expect(finding.fixes.count == 1)
    let changes = finding.fixes.flatMap(\.commands).filter {
      $0.contains("sudo sed") || $0.contains("tee ") || $0.contains("python3")
    }
    #expect(changes.contains { $0.contains(file) }, "\(changes)")
  }

  /// What the facts say of this node stands in the commands, and not what is usual elsewhere.
  @Test(
    arguments: [
      ("ip-forward-disabled", ["network.forwardingOff": .list(["net.ipv6.conf.all.forwarding"])], "ipv6.conf.all"),
      ("kernel-module-missing", ["modules.missing": .list(["overlay"]), "os.id": .text("ubuntu")], "modprobe overlay"),
      ("interface-down", ["network.downInterfaces": .list(["cni0"])], "ip link set cni0 up"),
      ("node-identity-mismatch", ["kubelet.foreignIdentity": .text("old-name")], "set-hostname old-name"),
      ("cgroup-root-missing", ["cgroup.missingRoots": .list(["/kube.slice"])], "basename /kube.slice .slice"),
      (
        "runc-missing",
        [
          "runtime.missingPrograms": .list(["/usr/libexec/crio/crun"]), "runtime.name": .text("crio"),
          "os.packageManager": .text("dnf"),
        ], "reinstall -y cri-o"
      ),
      (
        "cert-unknown-authority",
        ["kubeconfig.caMismatch": .list(["/etc/kubernetes/kubelet.conf"]), "node.role": .text("control-plane")],
        "kubeadm init phase kubeconfig all"
      ),
    ] as [(String, [String: FactValue], String)]) func theFirstFixFitsWhatTheNodeShows(
      _ id: String, _ facts: [String: FactValue], _ words: String
    ) throws
  {
    let rules = try EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) }
    let database = try EmbeddedKnowledge.database.withUnsafeBytes { try SignatureDatabase(deserializing: $0) }
    let node = facts.merging(["node.isKubernetes": .bool(true)]) { own, _ in own }
    let findings = try rules.diagnose(text: "", facts: node, with: database).0.findings
    let finding = try #require(findings.first { $0.rule.id == id })
    let commands = try #require(finding.fixes.first).commands
    #expect(commands.contains { $0.contains(words) }, "\(commands)")
  }

  @Test func noCommandEndsInAnEmptyLine() {
    for rule in Self.rules {
      for command in rule.fixes.flatMap({ $0.commands + $0.verify + $0.undo }) {
        #expect(!command.hasSuffix("\n"), "\(rule.id)")
      }
    }
  }
}
