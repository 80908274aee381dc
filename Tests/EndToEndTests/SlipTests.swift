import Foundation
import Testing

/// What kdoctor answers to slips of the hand and to inputs that are none: a way on, in the user's language.
@Suite struct SlipTests {
  private static let log = Binary.package.appendingPathComponent("samples/cri-disabled/kubelet.log").path

  private func inFolder<Result>(_ stage: String = ":", _ body: (URL) throws -> Result) throws -> Result {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Shell.stage(stage, in: folder)
    return try body(folder)
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: [
    ("analyse kubelet.log", "did you mean `analyze`?"), ("diagnos", "did you mean `diagnose`?"),
    ("'\(log)'", "to diagnose a file: kdoctor analyze "), ("frobnicate", "`kdoctor --help` shows all"),
  ]) func aWordThatIsNoCommand(_ command: String, _ answer: String) throws {
    try inFolder { folder in
      let result = try Shell.run("$K \(command)", in: folder)
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains(answer), "\(result.errors)")
    }
  }

  @Test(arguments: ["swap", "swap-enable", "swp-enabled"]) func anIDThatIsNearlyOne(_ id: String) throws {
    let result = try Binary.run(["explain", id])
    #expect(result.status == 2)
    #expect(result.errors.contains("did you mean `swap-enabled`"), "\(result.errors)")
  }

  @Test(arguments: [
    ["analyze", "--timezone", "Mars/Base", log], ["analyze", "--since", "garbage", log],
    ["facts", "/etc", "--root", "/usr"],
  ]) func aFaultOfOneCommandIsNotExplainedByAnother(_ arguments: [String]) throws {
    let result = try Binary.run(arguments)
    #expect(result.status == 64)
    #expect(!result.errors.contains("<subcommand>"), "\(result.errors)")
  }

  @Test func whatIsEmptyInsideIsEmpty() throws {
    try inFolder(": | gzip > empty.gz; printf '%%PDF-1.4\\n1 0 obj\\n<< >>\\nendobj\\n' > a.pdf") { folder in
      let packed = try Binary.run(["analyze", "empty.gz"], in: folder)
      #expect(packed.status == 2)
      #expect(packed.errors == "kdoctor: empty.gz: is empty\n")
      let document = try Binary.run(["analyze", "a.pdf"], in: folder)
      #expect(document.status == 2)
      #expect(document.errors == "kdoctor: a.pdf: is no text\n")
    }
  }

  @Test func aChineseReportGivesItsReasonsInChinese() throws {
    try inFolder("mkdir -p root/etc root/usr/bin; touch root/usr/bin/kubelet; chmod 755 root/usr/bin/kubelet") {
      folder in
      let text = try Binary.run(["analyze", Self.log, "missing.log", "--lang", "zh"], in: folder).output
      #expect(text.contains("没有此文件或目录：missing.log"))
      let checks = try Binary.run(["preflight", "--root", "root", "--lang", "zh"], in: folder).output
      #expect(checks.contains("net.ipv4.ip_forward 为 1"))
      #expect(!checks.contains("was not"), "\(checks)")
    }
  }

  @Test func standardInputHasAName() throws {
    let input = try Data(contentsOf: URL(fileURLWithPath: Self.log))
    let text = try Binary.run(["analyze", "-"], input: input).output
    #expect(text.contains("    standard input:"))
    #expect(!text.contains(" of -"))
  }

  @Test func ofAMachineThatIsNoNodeNothingPassed() throws {
    try inFolder("mkdir -p root/{etc,usr/bin,var/lib/dpkg,proc}; touch root/etc/fstab root/usr/bin/sh root/proc/swaps")
    {
      folder in
      let report = try json(try Binary.run(["diagnose", "--root", "root", "-o", "json"], in: folder).output)
      #expect((report["host"] as? [String: Any])?["isKubernetes"] as? Bool == false)
      #expect((report["summary"] as? [String: Any])?["checksPassed"] as? Int == 0)
      let text = try Binary.run(["diagnose", "--root", "root"], in: folder)
      #expect(text.status == 0)
      #expect(text.output.contains("kdoctor preflight"))
      #expect(!text.output.contains("rules"))
    }
  }

  @Test func aPasteWithoutTheCauseIsAnsweredWithTheNextCommand() throws {
    let paste = """
      [kubelet-check] Initial timeout of 40s passed.
      Unfortunately, an error has occurred:
      \ttimed out waiting for the condition
      This error is likely caused by:
      error execution phase wait-control-plane: couldn't initialize a Kubernetes cluster
      """
    let text = try Binary.run(["analyze", "-"], input: Data(paste.utf8)).output
    #expect(text.contains("sudo kdoctor diagnose"))
    #expect(text.contains("standard input:5\n    error execution phase wait-control-plane"))
    let cause = try Binary.run(["analyze", Self.log]).output
    #expect(!cause.contains("kdoctor diagnose"))
  }

  @Test func listsSpeakTheLanguageOfTheLocale() throws {
    let list = try Binary.run(["rules", "list"], environment: ["LANG": "zh_CN.UTF-8"]).output
    #expect(list.contains("swap-enabled\tmemory\troot\t交换分区"))
  }

  @Test func severalFoldersOfRulesAreCheckedInOneGo() throws {
    try inFolder("mkdir -p good/memory bad/memory; printf 'id: other\\n' > bad/memory/x.yaml") { folder in
      let rule = Binary.package.appendingPathComponent("knowledge/memory/swap-enabled.yaml").path
      try Shell.stage("cp '\(rule)' good/memory/", in: folder)
      let result = try Binary.run(["rules", "lint", "bad", "good"], in: folder)
      #expect(result.status == 2)
      #expect(result.errors.contains("bad/memory/x.yaml:1: "))
      #expect(result.output.hasPrefix("good: ") && result.output.hasSuffix("rules are in order\n"))
    }
  }

  @Test func explainTellsScriptsAllThatItTellsPeople() throws {
    let text = try Binary.run(["explain", "swap-enabled", "-o", "json"]).output
    let rules = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    let rule = try #require(rules.first)
    #expect((rule["fixes"] as? [[String: Any]])?.first?["commands"] as? [String] != nil)
    #expect((rule["examples"] as? [String])?.isEmpty == false)
    #expect((rule["advice"] as? String)?.contains("fail-swap-on") == true)
  }

  @Test(.enabled(if: Shell.isRoot)) func aBundleSaysWhatItMayNotHold() throws {
    try inFolder(
      """
      mkdir -p root/etc/kubernetes; echo a > root/etc/hostname; echo secret > root/etc/kubernetes/kubelet.conf
      chmod 600 root/etc/kubernetes/kubelet.conf; chmod 755 .; cp "$K" kdoctor
      """
    ) { folder in
      let user = "setpriv --reuid 65534 --regid 65534 --clear-groups ./kdoctor bundle --root root"
      let result = try Shell.run(user + " - | wc -c", in: folder)
      #expect(result.errors.contains("could not be read: permission denied; run as root"), "\(result.errors)")
      let own = try Shell.run("./kdoctor bundle --root root own.tar", in: folder)
      #expect(own.status == 0 && !own.errors.contains("denied"), "\(own.errors)")
    }
  }

  @Test func oneNodeDiffersFromNone() throws {
    try inFolder("mkdir -p node/etc; echo a > node/etc/hostname") { folder in
      let text = try Binary.run(["compare", "node", "missing.tar.gz"], in: folder)
      #expect(text.status == 3)
      #expect(text.output.contains("nothing to compare"))
      #expect(text.output.contains("no such file or directory: missing.tar.gz"))
      let report = try json(try Binary.run(["compare", "node", "missing.tar.gz", "-o", "json"], in: folder).output)
      let unread = try #require(report["unread"] as? [[String: String]])
      #expect(unread == [["input": "missing.tar.gz", "reason": "no such file or directory"]])
    }
  }
}
