import LogScan
import Model
import Testing
import YAMLTree

@testable import Knowledge

@Suite struct RankingTests {
  static func rule(_ id: String, _ rest: String, severity: String = "critical") throws -> KnowledgeFile {
    let text = """
      id: \(id)
      title: { en: t, zh: t }
      kind: root
      severity: \(severity)
      cause: { en: c, zh: c }
      \(rest)
      """
    return KnowledgeFile(path: "host/\(id).yaml", tree: try YAMLNode.parse(Array(text.utf8)))
  }

  private func diagnose(_ files: [KnowledgeFile], _ text: String, facts: [String: FactValue] = [:]) throws -> [Finding]
  {
    let rules = try RuleSet(files: files)
    let database = try SignatureDatabase(compiling: rules.expressions)
    return try rules.diagnose(text: text, facts: facts, with: database).0.findings
  }

  @Test func aCauseStandsBeforeWhatItExplains() throws {
    let files = [
      try Self.rule("aaa", "when: { log: consequence here }"),
      try Self.rule("mid", "when: { log: never seen here }\nexplains: [aaa]"),
      try Self.rule("zzz", "when: { log: the cause here }\nexplains: [mid]"),
    ]
    let found = try diagnose(files, "consequence here\nthe cause here\n")
    #expect(found.map(\.rule.id) == ["zzz", "aaa"])
    #expect(found.first?.explains == ["aaa"])
    #expect(found.last?.explainedBy == ["zzz"])
  }

  @Test func aLaterLineResolvesOnlyItsSubject() throws {
    let rule = try Self.rule(
      "pull",
      """
      when: { matches: 'cannot pull (?<image>\\S+)' }
      cleared: [{ matches: 'pulled fine (?<image>\\S+)' }]
      subject: image
      """)
    let text = "cannot pull a\ncannot pull b\npulled fine a\n"
    let found = try diagnose([rule], text)
    #expect(found.first?.status == .active)
    #expect(found.first?.subjects == ["b"])
    #expect(try diagnose([rule], text + "pulled fine b\n").first?.status == .resolved)
    #expect(try diagnose([rule], text + "pulled fine b\ncannot pull b\n").first?.status == .active)
  }

  @Test func oneHostsRecoveryIsNotAnothers() throws {
    let rule = try Self.rule("down", "when: { log: link is broken }\ncleared: [{ log: link is mended }]")
    let text = """
      Nov 23 10:00:00 a kernel: link is broken
      Nov 23 10:00:01 b kernel: link is broken
      Nov 23 10:00:02 b kernel: link is mended

      """
    let found = try diagnose([rule], text)
    #expect(found.map(\.host) == ["a", "b"])
    #expect(found.map(\.status) == [.active, .resolved])
  }

  @Test func factsConfirmDenyAndStayOpen() throws {
    let rule = try Self.rule(
      "swap",
      """
      when:
        any:
          - log: swap is a problem
          - { fact: swap.areas, is: not-empty }
      unless: [{ fact: swap.areas, is: empty }]
      """)
    let log = "swap is a problem"
    #expect(try diagnose([rule], log).first?.confidence == .likely)
    #expect(try diagnose([rule], log, facts: ["swap.areas": .list(["x"])]).first?.confidence == .confirmed)
    #expect(try diagnose([rule], log, facts: ["swap.areas": .list([])]).first?.status == .resolved)
    #expect(try diagnose([rule], "", facts: ["swap.areas": .list([])]).isEmpty)
  }

  @Test func aBroadFindingYieldsToANarrowOne() throws {
    let files = [
      try Self.rule("broad", "when: { log: it has failed }\nyieldsTo: [narrow]"),
      try Self.rule("narrow", "when: { log: because of this }"),
    ]
    #expect(try diagnose(files, "it has failed").map(\.rule.id) == ["broad"])
    #expect(try diagnose(files, "it has failed\nbecause of this").map(\.rule.id) == ["narrow"])
  }

  @Test func whatRestsOnMoreThanHintsStays() throws {
    let files = [
      try Self.rule(
        "broad",
        """
        when: { any: [{ log: it may have failed, hint: true }, { log: it has failed }, { fact: it.failed, equals: true }] }
        yieldsTo: [narrow]
        """),
      try Self.rule("narrow", "when: { log: because of this }"),
    ]
    #expect(try diagnose(files, "it may have failed").map(\.rule.id) == ["broad"])
    let hinted = "it may have failed\nbecause of this"
    #expect(try diagnose(files, hinted).map(\.rule.id) == ["narrow"])
    #expect(try Set(diagnose(files, hinted + "\nit has failed").map(\.rule.id)) == ["narrow", "broad"])
    #expect(try diagnose(files, hinted, facts: ["it.failed": .bool(true)]).count == 2)
  }

  @Test func whatWasSeenCanRaiseTheSeverity() throws {
    let rule = try Self.rule(
      "it",
      """
      when:
        any:
          - { log: it will be removed }
          - { log: it is refused, severity: critical }
          - { severity: critical, all: [{ fact: it.version, notOlderThan: "1.35" }, { fact: it.used, equals: true }] }
      """, severity: "warning")
    let late: [String: FactValue] = ["it.version": .text("1.36.2"), "it.used": .bool(true)]
    #expect(try diagnose([rule], "it will be removed").map(\.severity) == [.warning])
    #expect(try diagnose([rule], "it is refused").map(\.severity) == [.critical])
    #expect(try diagnose([rule], "", facts: late).map(\.severity) == [.critical])
    #expect(try diagnose([rule], "it will be removed", facts: late).map(\.severity) == [.critical])
  }

  @Test func comparesVersionsByNumber() {
    #expect(isVersion("1.9.0", olderThan: "1.26"))
    #expect(!isVersion("v1.26.1", olderThan: "1.26"))
    #expect(!isVersion("1.26", olderThan: "1.26.0"))
  }
}
