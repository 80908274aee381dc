import FoundationEssentials
import Model

/// The facts of a node, as a table or as JSON.
public enum FactListing {
  private struct Document: Encodable {
    let key: String
    let value: FactDocument?
    let source: String?
    let line: Int?
    let unknown: String?
  }

  private struct Question: Encodable {
    let key: String
    let summary: String
  }

  /// One line a fact: its key, its value or why it is not known, and where it was read.
  public static func text(_ facts: [String: Fact], unknown: [String: ReadError]) -> String {
    let words = Words(language: .en)
    let keys = Set(facts.keys).union(unknown.keys).sorted()
    let width = keys.map(\.count).max() ?? 0
    return keys.map { key in
      let name = key + String(repeating: " ", count: width - key.count)
      guard let fact = facts[key] else { return "\(name)  ? \(unknown[key]?.description ?? "")" }
      return "\(name)  \(words.value(fact))  (\(Terminal.stripped(fact.place)))"
    }.joined(separator: "\n")
  }

  /// An array of facts, in the order of their keys; an open question has no value but says why.
  public static func json(_ facts: [String: Fact], unknown: [String: ReadError]) -> String {
    encode(
      Set(facts.keys).union(unknown.keys).sorted().map { key in
        let fact = facts[key]
        return Document(
          key: key, value: fact?.value.map(FactDocument.init), source: fact?.source, line: fact?.line,
          unknown: fact == nil ? unknown[key]?.description : nil)
      })
  }

  /// Every fact that there is, with what it means.
  public static func questions(_ answers: [(key: String, summary: String)], asJSON: Bool) -> String {
    let sorted = answers.sorted { $0.key < $1.key }
    if asJSON { return encode(sorted.map { Question(key: $0.key, summary: $0.summary) }) }
    let width = sorted.map(\.key.count).max() ?? 0
    return sorted.map { $0.key + String(repeating: " ", count: width - $0.key.count) + "  " + $0.summary }
      .joined(separator: "\n")
  }

  private static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }
}
