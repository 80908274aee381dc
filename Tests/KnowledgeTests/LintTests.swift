import LogScan
import Model
import Testing

@testable import Knowledge

@Suite struct LintTests {
  private static func faults(_ body: String) throws -> [String] {
    let rules = try RuleSet(files: [RankingTests.rule("it", body)])
    return rules.lint().map(\.description)
  }

  @Test func asksForANearMissAndForEveryFact() throws {
    let examples = "examples: { match: [{ log: it has failed }] }"
    let faults = try Self.faults(
      "when: { any: [{ log: it has failed }, { fact: it.failed, equals: true }] }\n" + examples)
    #expect(faults.contains { $0.contains("no `ignore` example") })
    #expect(faults.contains { $0.contains("fact `it.failed`") })
  }

  @Test func bytesAreNoCharacters() {
    for expression in ["报错?", "[：:] x", "文{1,2}", "é+"] { #expect(RuleSet.splitsCharacters(expression)) }
    for expression in ["(?:报错)?", "(?:：|:) x", "报错a?", "[a-z]文\\?", ""] {
      #expect(!RuleSet.splitsCharacters(expression))
    }
  }
}
