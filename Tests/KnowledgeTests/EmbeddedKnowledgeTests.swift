import EmbeddedKnowledge
import Knowledge
import LogScan
import Model
import Testing

@Suite struct EmbeddedKnowledgeTests {
  private static let rules: RuleSet? = try? EmbeddedKnowledge.files.withUnsafeBytes {
    try RuleSet(files: try KnowledgeFile.decode($0))
  }
  private static let database: SignatureDatabase? = try? EmbeddedKnowledge.database.withUnsafeBytes {
    try SignatureDatabase(deserializing: $0)
  }
  static let ids = rules?.rules.map(\.id) ?? []

  @Test func lintIsClean() throws {
    let rules = try #require(Self.rules)
    #expect(rules.lint().map(\.description) == [])
  }

  @Test(arguments: ids) func examplesHold(_ id: String) throws {
    let rules = try #require(Self.rules)
    let database = try #require(Self.database)
    #expect(try rules.testExamples(with: database) { $0.id == id }.map(\.description) == [])
  }
}
