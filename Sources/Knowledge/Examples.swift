import LogScan
import Model

extension RuleSet {
  /// Reads `text` as `kdoctor analyze` reads a file, and diagnoses it.
  public func diagnose(
    text: String, facts: [String: FactValue], with database: SignatureDatabase
  ) throws -> (Diagnosis, Observations) {
    let scanner = try LogScanner(signatures, database: database)
    let bytes = Array(text.utf8)
    scanner.begin("example", modified: nil)
    bytes.withUnsafeBytes { scanner.scan($0) }
    let repaired = RepairedText(of: bytes)
    scanner.scanRepaired(repaired.bytes, lineNumbers: repaired.lineNumbers)
    scanner.end()
    var observations = scanner.observations
    for (key, value) in facts { observations.facts[key] = Fact(key: key, value: value, source: "example") }
    return (diagnose(observations), observations)
  }

  /// Runs the examples of every rule that `isSelected`; gives the faults.
  public func testExamples(
    with database: SignatureDatabase, where isSelected: (Rule) -> Bool = { _ in true }
  ) throws -> [KnowledgeError] {
    var faults: [KnowledgeError] = []
    for entry in entries where isSelected(entry.rule) {
      var reached: Set<Int> = []
      for example in entry.rule.matching {
        let (diagnosis, observations) = try diagnose(text: example.log, facts: example.facts, with: database)
        reached.formUnion(observations.hits.values.flatMap(\.keys))
        faults += check(diagnosis, of: entry, matching: example)
      }
      for example in entry.rule.ignoring {
        let (diagnosis, _) = try diagnose(text: example.log, facts: example.facts, with: database)
        if diagnosis.findings.contains(where: { $0.rule.id == entry.rule.id && $0.status == .active }) {
          faults.append(fault(entry, example.line, "an `ignore` example fires the rule"))
        }
      }
      for (pattern, index) in zip(entry.rule.when.patterns, entry.patterns) where !reached.contains(index) {
        faults.append(fault(entry, pattern.line, "no `match` example reaches `\(pattern.expression)`"))
      }
    }
    return faults
  }

  private func check(_ diagnosis: Diagnosis, of entry: Entry, matching example: Example) -> [KnowledgeError] {
    let id = entry.rule.id
    let active = diagnosis.findings.filter { $0.status == .active }
    guard active.contains(where: { $0.rule.id == id }) else {
      return [fault(entry, example.line, "a `match` example stays silent")]
    }
    return active.filter { other in
      other.rule.id != id && other.severity != .info && !example.also.contains(other.rule.id)
        && !(reach[id]?.contains(other.rule.id) ?? false) && !(reach[other.rule.id]?.contains(id) ?? false)
    }.map { fault(entry, example.line, "a `match` example also fires \($0.rule.id), which no `explains` links") }
  }

  private func fault(_ entry: Entry, _ line: Int, _ message: String) -> KnowledgeError {
    KnowledgeError(file: entry.file, line: line, message: message)
  }
}
