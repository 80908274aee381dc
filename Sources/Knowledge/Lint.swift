import LogScan
import Model

extension RuleSet {
  /// The shortest run of plain characters that a signature must hold: without one, scanning is slow and alarms false.
  static let literalMinimum = 6

  /// What is wrong with the rules, beyond what made them load.
  public func lint() -> [KnowledgeError] {
    var faults: [KnowledgeError] = []
    for entry in entries {
      func complain(_ message: String, line: Int = 0) {
        faults.append(KnowledgeError(file: entry.file, line: line, message: message))
      }
      let rule = entry.rule
      let name = entry.file.split(separator: "/").last.map(String.init) ?? ""
      if name != rule.id + ".yaml" { complain("the id `\(rule.id)` is not the file's name") }
      if rule.kind == .root, rule.fixes.isEmpty { complain("a root needs a fix") }
      if rule.kind == .root, rule.references.isEmpty { complain("a root needs a reference") }
      if (rule.kind == .benign) != (rule.severity == .info), rule.kind == .benign {
        complain("a benign failure is info")
      }
      if rule.matching.isEmpty { complain("there is no `match` example") }
      if rule.ignoring.isEmpty { complain("there is no `ignore` example") }
      let shown = Set(rule.matching.flatMap(\.facts.keys))
      for test in rule.when.factTests where !shown.contains(test.key) {
        complain("no `match` example has the fact `\(test.key)`", line: test.line)
      }
      for id in rule.explains + rule.yieldsTo + rule.rivals where byID[id] == nil {
        complain("`\(id)` is no rule")
      }
      if reach[rule.id]?.contains(rule.id) ?? false { complain("`explains` leads back to this rule") }
      for id in rule.yieldsTo where byID[id]?.rule.yieldsTo.contains(rule.id) ?? false {
        complain("this rule and `\(id)` yield to each other")
      }
      for pattern in rule.when.patterns + rule.cleared {
        for message in Self.faults(of: pattern) { complain(message, line: pattern.line) }
      }
      let captures = Set((rule.when.patterns + rule.cleared).flatMap { Self.captureNames($0.expression) })
      if let subject = rule.subject, !captures.contains(subject) { complain("no pattern captures `\(subject)`") }
    }
    return faults
  }

  /// What both engines say of `pattern`, and whether it has enough literal text.
  static func faults(of pattern: LogPattern) -> [String] {
    var faults: [String] = []
    for expression in [pattern.expression] + (pattern.except.map { [$0] } ?? []) {
      let prepared = Expression.prepared(expression)
      if LineTest(expression) == nil { faults.append("PCRE2 refuses `\(expression)`") }
      if expression == pattern.expression {
        do { _ = try SignatureDatabase(compiling: [prepared]) } catch {
          faults.append("vectorscan refuses `\(expression)`: \(error)")
        }
      }
    }
    if [pattern.expression, pattern.except ?? ""].contains(where: splitsCharacters) {
      faults.append("expressions match bytes: put `(?:…)` around what is not ASCII in `\(pattern.expression)`")
    }
    if longestLiteral(pattern.expression) < literalMinimum {
      faults.append("`\(pattern.expression)` holds fewer than \(literalMinimum) plain characters in a row")
    }
    return faults
  }

  /// Whether a quantifier or a class in `expression` takes one byte of a character that has several.
  static func splitsCharacters(_ expression: String) -> Bool {
    var isInClass = false
    var previous: Character = " "
    for character in expression {
      defer { previous = character }
      guard previous != "\\" else { continue }
      if character == "[" { isInClass = true }
      if character == "]" { isInClass = false }
      if isInClass, !character.isASCII { return true }
      if !previous.isASCII, "?*+{".contains(character) { return true }
    }
    return false
  }

  /// The length of the longest run of plain characters.
  static func longestLiteral(_ expression: String) -> Int {
    var longest = 0
    var run = 0
    var isEscaped = false
    var classDepth = 0
    for character in expression {
      if isEscaped {
        isEscaped = false
        if character.isLetter || character.isNumber { run = 0 } else { run += 1 }
      } else if character == "\\" {
        isEscaped = true
      } else if character == "[" {
        classDepth = 1
        run = 0
      } else if character == "]" {
        classDepth = 0
        run = 0
      } else if classDepth > 0 || "().*+?{}|^$".contains(character) {
        run = 0
      } else {
        run += 1
      }
      longest = max(longest, run)
    }
    return longest
  }

  private static func captureNames(_ expression: String) -> [String] {
    expression.split(separator: "(?<", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      part.firstIndex(of: ">").map { String(part[..<$0]) }
    }
  }
}
