import EmbeddedKnowledge
import Model
import Testing

@testable import Knowledge

/// What a careful engineer does around a command that changes something.
@Suite struct FixMannersTests {
  private static let fixes: [(rule: String, fix: Fix)] =
    ((try? EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) })?.rules ?? [])
    .flatMap { rule in rule.fixes.map { (rule.id, $0) } }

  @Test func aDrainedNodeComesBack() {
    for (rule, fix) in Self.fixes where fix.commands.contains(where: { $0.hasPrefix("kubectl drain") }) {
      // A node that is removed, or whose disk is to be replaced, stays away.
      if rule == "kernel-io-error" || fix.commands.contains(where: { $0.contains("delete node") }) { continue }
      #expect(fix.commands.contains { $0.hasPrefix("kubectl uncordon") }, "\(rule)")
    }
  }

  @Test func aFileIsSavedBeforeItIsEdited() {
    for (rule, fix) in Self.fixes {
      guard let edit = fix.commands.firstIndex(where: { $0.contains(#/sed (-[A-Z] )*-\w*i|sudoedit /#) }) else {
        continue
      }
      // The copy that kubeadm reads is made in the same fix.
      if rule == "cert-san-mismatch" { continue }
      #expect(fix.commands[...edit].contains { $0.contains("cp -a") }, "\(rule)")
      #expect(!fix.undo.isEmpty, "\(rule)")
    }
  }

  /// A kubelet that cannot start is active for a second or two.
  @Test func theKubeletIsGivenTimeToFail() {
    for (rule, fix) in Self.fixes {
      guard let check = fix.verify.firstIndex(of: "systemctl is-active --quiet kubelet") else { continue }
      #expect(fix.verify[..<check].contains { $0.hasPrefix("sleep ") }, "\(rule)")
    }
  }

  @Test func whatIsDisruptiveSaysHowToCheckIt() {
    for (rule, fix) in Self.fixes where fix.risk == .disruptive || fix.risk == .destructive {
      #expect(!fix.verify.isEmpty, "\(rule)")
    }
  }

  @Test func aWholeFolderIsNeverCopiedOrMovedIntoAnEarlierBackup() {
    let folders = [
      "/etc/kubernetes", "/var/lib/etcd", "/var/lib/containerd", "/var/lib/kubelet/pki", "/etc/yum.repos.d",
    ]
    for (rule, fix) in Self.fixes {
      for command in fix.commands {
        for folder in folders where command.contains(" \(folder) \(folder).") {
          #expect(command.contains(#/ -(T|aT) /#), "\(rule): \(command)")
        }
      }
    }
  }
}
