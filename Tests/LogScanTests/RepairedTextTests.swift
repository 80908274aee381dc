import Testing

@testable import LogScan

@Suite struct RepairedTextTests {
  private func lines(_ text: String) -> [Substring] {
    String(decoding: RepairedText(of: Array(text.utf8)).bytes, as: UTF8.self).split(separator: "\n")
  }

  @Test func theStateOfAUnitIsToldWithItsName() {
    let text = """
      ● containerd.service - containerd container runtime
           Loaded: loaded (/lib/systemd/system/containerd.service; enabled)
           Active: failed (Result: exit-code) since Mon 2026-11-23 10:00:00 UTC; 2min ago
      ● kubelet.service - kubelet: The Kubernetes Node Agent
           Active: active (running) since Mon 2026-11-23 10:00:00 UTC
      """
    #expect(
      lines(text).contains(
        "containerd.service: Active: failed (Result: exit-code) since Mon 2026-11-23 10:00:00 UTC; 2min ago"))
    #expect(lines(text).contains("kubelet.service: Active: active (running) since Mon 2026-11-23 10:00:00 UTC"))
    #expect(!lines("Active: failed (Result: exit-code)").contains { $0.contains(".service") })
  }

  @Test func theStepsOfABuildAreTakenOff() {
    #expect(lines("#6 1.692 E: Unable to locate package kubelet") == ["E: Unable to locate package kubelet"])
    #expect(lines("#6 is a number 1.5") == ["#6 is a number 1.5"])
  }

  @Test func onlyAQuoteInASentenceIsAMention() {
    func isMention(_ text: String) -> Bool {
      let bytes = Array(text.utf8)
      let word = Array("plugin not found".utf8)
      let start = bytes.indices.first { bytes[$0...].starts(with: word) } ?? 0
      return Mention.isMention(bytes[...], at: start..<start + word.count, hasHeader: false)
    }
    #expect(isMention("When it prints `error: plugin not found`, restart it."))
    #expect(!isMention("`error: plugin not found`"))
    #expect(!isMention("- `error: plugin not found`"))
  }
}

@Suite struct ReportShapeTests {
  private func kind(_ text: String) -> Mention.TextKind {
    Array(text.utf8).withUnsafeBytes { Mention.kind(of: $0) }
  }

  @Test func aTemplateOfAnIssueIsAReport() {
    let body = "\n```\nFatal glibc error: CPU does not support x86-64-v2\n```\n"
    #expect(kind("### What happened?\n" + body + "### Environment\nv1.31\n") == .log)
    #expect(kind("## Installing\n" + body + "## Usage\nv1.31\n") == .document)
  }

  @Test func whatSomebodyGotIsNoMention() {
    func isMention(_ text: String) -> Bool {
      let bytes = Array(text.utf8)
      let word = Array("plugin not found".utf8)
      let start = bytes.indices.first { bytes[$0...].starts(with: word) } ?? 0
      return Mention.isMention(bytes[...], at: start..<start + word.count, hasHeader: false)
    }
    #expect(!isMention("After the restart I get `error: plugin not found` from it."))
    #expect(!isMention("# Error: plugin not found"))
    #expect(isMention("If you see `error: plugin not found`, restart it."))
    #expect(isMention("# plugin not found is what it says"))
  }
}
