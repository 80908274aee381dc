import LogScan
import Model

/// The outcome of a condition. "No" and "cannot tell" differ.
enum Verdict {
  case holds([Evidence])
  case fails
  case undecided

  /// What was seen, if the condition holds.
  var evidence: [Evidence]? {
    if case .holds(let evidence) = self { evidence } else { nil }
  }
}

/// Decides conditions over what was read of one host.
struct Evaluator {
  let facts: [String: Fact]
  let hits: [Int: SignatureHits]

  /// - Parameter patterns: the signatures of the condition's log patterns, in order; consumed from the front.
  func decide(_ condition: Condition, _ patterns: inout ArraySlice<Int>) -> Verdict {
    switch condition {
    case .log:
      guard let index = patterns.popFirst(), let hit = hits[index], hit.isSatisfied, let sample = hit.first else {
        return .fails
      }
      return .holds([.log(sample, count: hit.count, first: hit.first?.time, last: hit.last?.time)])
    case .fact(let test): return decide(test)
    case .all(let parts):
      var evidence: [Evidence] = []
      var result = Verdict.holds([])
      for part in parts {
        switch decide(part, &patterns) {
        case .holds(let seen): evidence += seen
        case .fails: result = .fails
        case .undecided: if case .holds = result { result = .undecided }
        }
      }
      if case .holds = result { return .holds(evidence) }
      return result
    case .any(let parts):
      var evidence: [Evidence] = []
      var isUndecided = false
      for part in parts {
        switch decide(part, &patterns) {
        case .holds(let seen): evidence += seen
        case .fails: break
        case .undecided: isUndecided = true
        }
      }
      return evidence.isEmpty ? (isUndecided ? .undecided : .fails) : .holds(evidence)
    case .graded(_, let part): return decide(part, &patterns)
    }
  }

  /// The highest severity among the graded parts of `condition` that hold; nil where there are none.
  func severity(of condition: Condition, _ patterns: inout ArraySlice<Int>) -> Severity? {
    switch condition {
    case .log:
      _ = patterns.popFirst()
      return nil
    case .fact: return nil
    case .graded(let severity, let part): return decide(part, &patterns).evidence == nil ? nil : severity
    case .all(let parts), .any(let parts):
      var highest: Severity?
      for part in parts {
        guard let severity = severity(of: part, &patterns) else { continue }
        highest = min(highest ?? severity, severity)
      }
      return highest
    }
  }

  /// Decides one fact test; unknown facts leave it undecided.
  func decide(_ test: FactTest) -> Verdict {
    guard let fact = facts[test.key] else { return .undecided }
    guard let value = fact.value else {
      if case .isAbsent = test.test { return .holds([.fact(fact)]) }
      return .fails
    }
    let holds: Bool
    switch test.test {
    case .equals(let expected): holds = value.text == expected.text
    case .notEquals(let expected): holds = value.text != expected.text
    case .isEmpty: holds = value.isEmpty
    case .isNotEmpty: holds = !value.isEmpty
    case .isAbsent: holds = false
    case .isPresent: holds = true
    case .contains(let item): holds = values(value).contains(item)
    case .containsMatch(let expression):
      let list = values(value)
      holds = LineTest(expression).map { test in list.contains { test.matches($0) } } ?? false
    case .below(let limit): holds = number(value).map { $0 < limit } ?? false
    case .above(let limit): holds = number(value).map { $0 > limit } ?? false
    case .olderThan(let version): holds = isVersion(value.text, olderThan: version)
    case .notOlderThan(let version): holds = !isVersion(value.text, olderThan: version)
    case .differsFrom(let key):
      guard let other = facts[key] else { return .undecided }
      guard let otherValue = other.value else { return .fails }
      return value.text == otherValue.text ? .fails : .holds([.fact(fact), .fact(other)])
    case .isIn(let choices): holds = choices.contains { $0.text == value.text }
    }
    return holds ? .holds([.fact(fact)]) : .fails
  }

  private func values(_ value: FactValue) -> [String] {
    if case .list(let items) = value { items } else { [value.text] }
  }

  private func number(_ value: FactValue) -> Double? {
    if case .number(let number) = value { number } else { Double(value.text) }
  }
}
