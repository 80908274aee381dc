import LogScan
import Model
import YAMLTree

/// Something wrong in a file of the knowledge base.
public struct KnowledgeError: Error, Sendable, CustomStringConvertible {
  /// The file, as given.
  public let file: String
  /// The line in it, counted from 1; 0 where there is none.
  public let line: Int
  public let message: String

  public init(file: String, line: Int, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  public var description: String { line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)" }
}

/// Reads rules from YAML trees; every error says which line it means.
struct RuleReader {
  let file: String

  func fail(_ node: YAMLNode, _ message: String) -> KnowledgeError {
    KnowledgeError(file: file, line: node.line, message: message)
  }

  private static let keys: Set<String> = [
    "id", "title", "kind", "severity", "cause", "advice", "when", "unless", "cleared", "explains", "yieldsTo", "rivals",
    "subject", "fixes", "references", "examples",
  ]

  func rule(_ node: YAMLNode, area: String) throws -> Rule {
    for pair in node.pairs where !Self.keys.contains(pair.key) {
      throw KnowledgeError(file: file, line: pair.line, message: "unknown key `\(pair.key)`")
    }
    let when = try required(node, "when")
    let examples = node["examples"]
    return Rule(
      id: try text(node, "id"), area: area, title: try localized(try required(node, "title")),
      kind: try choice(node, "kind"), severity: try choice(node, "severity"),
      cause: try localized(try required(node, "cause")), advice: try node["advice"].map(localized),
      when: try condition(when), unless: try (node["unless"]?.items ?? []).map(factTest),
      cleared: try (node["cleared"]?.items ?? []).map(pattern), explains: node["explains"]?.texts ?? [],
      yieldsTo: node["yieldsTo"]?.texts ?? [], rivals: node["rivals"]?.texts ?? [], subject: node["subject"]?.text,
      fixes: try (node["fixes"]?.items ?? []).map(fix), references: node["references"]?.texts ?? [],
      matching: try (examples?["match"]?.items ?? []).map(example),
      ignoring: try (examples?["ignore"]?.items ?? []).map(example))
  }

  private func required(_ node: YAMLNode, _ key: String) throws -> YAMLNode {
    guard let value = node[key] else { throw fail(node, "`\(key)` is missing") }
    return value
  }

  private func text(_ node: YAMLNode, _ key: String) throws -> String {
    let value = try required(node, key)
    guard let text = value.text else { throw fail(value, "`\(key)` must be a text") }
    return text
  }

  private func choice<T: RawRepresentable & CaseIterable>(_ node: YAMLNode, _ key: String) throws -> T
  where T.RawValue == String {
    let word = try text(node, key)
    guard let value = T(rawValue: word) else {
      let known = T.allCases.map(\.rawValue).joined(separator: ", ")
      throw fail(node[key] ?? node, "`\(word)` is not one of \(known)")
    }
    return value
  }

  private func localized(_ node: YAMLNode) throws -> Localized {
    guard let en = node["en"]?.text, let zh = node["zh"]?.text else {
      throw fail(node, "a text needs both `en` and `zh`")
    }
    return Localized(en: en, zh: zh)
  }

  func condition(_ node: YAMLNode) throws -> Condition {
    guard let text = node["severity"]?.text else { return try plainCondition(node) }
    guard let severity = Severity(rawValue: text) else { throw fail(node, "`\(text)` is no severity") }
    return .graded(severity, try plainCondition(node))
  }

  private func plainCondition(_ node: YAMLNode) throws -> Condition {
    if let parts = node["all"] { return .all(try parts.items.map(condition)) }
    if let parts = node["any"] { return .any(try parts.items.map(condition)) }
    if node["fact"] != nil { return .fact(try factTest(node)) }
    if node["log"] != nil || node["matches"] != nil { return .log(try pattern(node)) }
    throw fail(node, "a condition is one of all, any, log, matches, fact")
  }

  func pattern(_ node: YAMLNode) throws -> LogPattern {
    let known: Set<String> = [
      "log", "matches", "from", "except", "atLeast", "within", "afterStart", "hint", "severity",
    ]
    for pair in node.pairs where !known.contains(pair.key) {
      throw KnowledgeError(file: file, line: pair.line, message: "unknown key `\(pair.key)` in a log pattern")
    }
    let expression: String
    if let literal = node["log"]?.text {
      expression = Expression.escaped(literal)
    } else if let matches = node["matches"]?.text {
      expression = matches
    } else {
      throw fail(node, "a log pattern needs `log` or `matches`")
    }
    return LogPattern(
      expression: expression, from: node["from"]?.texts ?? [], except: node["except"]?.text,
      atLeast: node["atLeast"]?.text.flatMap(Int.init) ?? 1, within: try node["within"].map(duration),
      afterStart: try node["afterStart"].map(duration), isHint: node["hint"]?.text == "true", line: node.line)
  }

  private func duration(_ node: YAMLNode) throws -> Duration {
    guard let text = node.text, let unit = text.last, let count = Double(text.dropLast()) else {
      throw fail(node, "a duration is a number with s, m or h")
    }
    switch unit {
    case "s": return .seconds(count)
    case "m": return .seconds(count * 60)
    case "h": return .seconds(count * 3600)
    default: throw fail(node, "a duration is a number with s, m or h")
    }
  }

  func factTest(_ node: YAMLNode) throws -> FactTest {
    let key = try text(node, "fact")
    let others = node.pairs.filter { $0.key != "fact" && $0.key != "severity" }
    guard others.count == 1, let pair = others.first else { throw fail(node, "a fact test has one operator") }
    return FactTest(key: key, test: try test(pair), line: node.line)
  }

  private func test(_ pair: YAMLNode.Pair) throws -> FactTest.Operator {
    let value = pair.value
    switch pair.key {
    case "equals": return .equals(factValue(value))
    case "notEquals": return .notEquals(factValue(value))
    case "contains": return .contains(value.text ?? "")
    case "containsMatch": return .containsMatch(value.text ?? "")
    case "below", "above":
      guard let number = value.text.flatMap(Double.init) else { throw fail(value, "`\(pair.key)` needs a number") }
      return pair.key == "below" ? .below(number) : .above(number)
    case "olderThan": return .olderThan(value.text ?? "")
    case "notOlderThan": return .notOlderThan(value.text ?? "")
    case "differsFrom": return .differsFrom(value.text ?? "")
    case "in": return .isIn(value.items.map(factValue))
    case "is":
      switch value.text {
      case "empty": return .isEmpty
      case "not-empty": return .isNotEmpty
      case "absent": return .isAbsent
      case "present": return .isPresent
      default: throw fail(value, "`is` takes empty, not-empty, absent or present")
      }
    default: throw KnowledgeError(file: file, line: pair.line, message: "unknown operator `\(pair.key)`")
    }
  }

  func factValue(_ node: YAMLNode) -> FactValue {
    switch node.content {
    case .sequence(let items): return .list(items.map { $0.text ?? "" })
    case .mapping: return .text("")
    case .scalar(let text, let isPlain):
      if isPlain, let bool = node.bool { return .bool(bool) }
      if isPlain, let number = Double(text) { return .number(number) }
      return .text(text)
    }
  }

  private func fix(_ node: YAMLNode) throws -> Fix {
    Fix(
      title: try localized(try required(node, "title")), when: try (node["when"]?.items ?? []).map(factTest),
      otherwise: node["otherwise"]?.bool ?? false, commands: node["commands"]?.texts ?? [],
      verify: node["verify"]?.texts ?? [], undo: node["undo"]?.texts ?? [],
      risk: node["risk"] == nil ? .none : try choice(node, "risk"))
  }

  private func example(_ node: YAMLNode) throws -> Example {
    var facts: [String: FactValue] = [:]
    for pair in node["facts"]?.pairs ?? [] { facts[pair.key] = factValue(pair.value) }
    return Example(log: node["log"]?.text ?? "", facts: facts, also: node["also"]?.texts ?? [], line: node.line)
  }
}
