/// Lines that quote the words of a failure without reporting it: source code, expressions, notes of changes, tables.
enum Quotation {
  /// Whether `line`, which has no log header, is such a line.
  static func isQuotation(_ line: Substring) -> Bool {
    isCode(line) || isExpression(line) || isChangeNote(line) || isTableOfWords(line)
  }

  // MARK: Source code

  private static let codeMarks = [" := ", " != nil", " == nil", "%w\"", "%v", "%+v", "%q", "{{ $", "{{$", ".format("]
  private static let codeEnds = ["{", ");", "\" +", "' +", " \\"]
  private static let blockStarts = ["if ", "elif ", "except ", "def ", "class ", "for ", "while ", "with "]
  private static let codeStarts = ["/*", "raise ", "throw ", "assert ", "return ", "def ", "import ", "package "]

  /// Whether `line` is written in a programming language, or in a template of one.
  static func isCode(_ line: Substring) -> Bool {
    let text = trimmed(line)
    if codeStarts.contains(where: text.hasPrefix) || codeEnds.contains(where: text.hasSuffix)
      || codeMarks.contains(where: text.contains)
    {
      return true
    }
    if text.hasSuffix(":") || text.contains("("), blockStarts.contains(where: text.hasPrefix) { return true }
    return isLiteral(text) || isAssignment(text) || hasCall(text)
  }

  /// `{24, "EMFILE", "…"},`, `'…',` in a list, and `wantErr: "…",`; not what JSON reports: `"message": "…",`, `"…",`.
  private static func isLiteral(_ text: Substring) -> Bool {
    if text.hasPrefix("{") && text.hasSuffix("},") && !text.hasPrefix("{\"") { return true }
    guard text.hasSuffix("\",") || text.hasSuffix("',") || text.hasSuffix("`,") else { return false }
    if text.hasPrefix("'") || text.hasPrefix("`") { return true }
    let name = text.prefix(while: isNameCharacter)
    return !name.isEmpty && text.dropFirst(name.count).hasPrefix(":")
  }

  /// `message = "…"`.
  private static func isAssignment(_ text: Substring) -> Bool {
    let name = text.prefix { isNameCharacter($0) || "[]\"'".contains($0) }
    let rest = text.dropFirst(name.count).drop { $0 == " " }
    guard let first = name.first, first.isLetter, name != "desc", rest.hasPrefix("= ") || rest.hasPrefix("+= ") else {
      return false
    }
    let value = rest.drop { "+= ".contains($0) }
    return value.hasPrefix("\"") || value.hasPrefix("'") || value.hasPrefix("f\"")
  }

  /// `Errorf("…` and `New(code, "…")`; an exception that a program printed (`ProxyError("…`) is no call.
  private static func hasCall(_ text: Substring) -> Bool {
    var before = text[...]
    while let open = before.lastIndex(of: "(") {
      let next = before.index(after: open)
      before = before[..<open]
      guard next < text.endIndex, let last = before.last, last.isLetter || last.isNumber,
        !before.hasSuffix("Error"), !before.hasSuffix("Exception")
      else { continue }
      if text[next] == "\"", text[text.index(after: next)...].prefix(while: { $0 != "\"" }).contains(" ") {
        return true
      }
      if text[next].isLetter, text.hasSuffix(")"), text[next...].contains(", \"") { return true }
    }
    return false
  }

  // MARK: Expressions

  private static let expressionMarks = ["[[:", "(?P<", "(?<", "\\d+", "\\s+", "\\S+", "\\w+", "\\d{", "[^ ]", "(.*)"]

  /// Whether `line` is a regular expression, such as log checkers have.
  static func isExpression(_ line: Substring) -> Bool {
    line.hasPrefix("^") || expressionMarks.contains(where: line.contains)
  }

  // MARK: Notes of changes

  private static let changeVerbs: Set<String> = [
    "fix", "fixed", "fixes", "fixing", "bugfix", "hotfix", "add", "added", "adds", "adding", "remove", "removed",
    "removes", "removing", "change", "changed", "changes", "improve", "improved", "improves", "update", "updated",
    "updates", "upgrade", "upgraded", "bump", "bumped", "deprecate", "deprecated", "deprecates", "prevent", "prevented",
    "prevents", "allow", "allowed", "allows", "avoid", "avoided", "avoids", "ensure", "ensured", "ensures", "handle",
    "handled", "handles", "support", "supports", "treat", "treats", "enhance", "enhanced", "refactor", "refactored",
    "revert", "reverted", "reverts", "introduce", "introduced", "introduces", "resolve", "resolved", "resolves",
    "correct", "corrected", "corrects", "implement", "implemented", "implements", "reduce", "reduced", "reduces",
    "increase", "increased", "rename", "renamed", "backport", "backported", "clarify", "clarified", "feat", "chore",
    "docs", "refine", "mitigate", "mitigated", "suppress", "suppressed", "stop", "stops", "don't", "properly",
    "correctly", "gracefully", "merge", "merged", "replace", "replaced", "drop", "dropped", "ignore", "ignored",
    "retry", "retries", "make", "makes", "log", "improvement", "bug",
  ]

  /// Whether `line` says what a release or a commit changed: a bullet or a commit hash, perhaps the part that was
  /// changed, and a verb of change.
  static func isChangeNote(_ line: Substring) -> Bool {
    let text = trimmed(line)
    if ["Fix ", "Fixed ", "Fixes "].contains(where: text.hasPrefix) { return true }
    guard let mark = text.firstIndex(of: " ") else { return false }
    let first = text[..<mark]
    let isBullet = ["-", "*", "+", "•", "·"].contains(first)
    let isHash = (7...40).contains(first.count) && first.allSatisfy(\.isHexDigit) && first.contains(where: \.isNumber)
    guard isBullet || isHash else { return false }
    var rest = text[mark...].drop { " *_`".contains($0) }
    if startsWithVerb(rest) { return true }
    // The part that was changed: `kubelet:`, `[kubelet]`, `**kubelet**:`, `fix(kubelet):`.
    guard let end = rest.prefix(40).firstIndex(where: { ":]".contains($0) }) else { return false }
    rest = rest[rest.index(after: end)...].drop { " *_`:-".contains($0) }
    return startsWithVerb(rest)
  }

  private static func startsWithVerb(_ text: Substring) -> Bool {
    changeVerbs.contains(text.prefix { $0.isLetter || $0 == "'" }.lowercased())
  }

  /// Whether a text is a list of changes, the notes of a release or a history of commits: entries are broken over lines.
  static func isChangelog(_ text: String) -> Bool {
    var lines = 0
    var notes = 0
    for line in text.split(separator: "\n", maxSplits: 400).prefix(400) {
      lines += 1
      if isChangeNote(line) { notes += 1 }
    }
    return notes >= 3 && notes * 5 >= lines
  }

  /// Whether a text is a change of a file, as diff(1) and git write it: what it adds or drops is no event.
  static func isDiff(_ text: String) -> Bool {
    var added = 0
    var isWhole = true
    for line in text.split(separator: "\n", maxSplits: 400).prefix(400) {
      if line.hasPrefix("diff --git ") || line.hasPrefix("```diff") || line.hasPrefix("````diff") { return true }
      if line.hasPrefix("@@ -"), line.dropFirst(4).contains("@@") { return true }
      // A shell that traces its commands puts a blank behind the sign.
      if line.hasPrefix("+"), let next = line.dropFirst().first, next != " ", next != "+" { added += 1 }
      if let first = line.first, !"+- ".contains(first) { isWhole = false }
    }
    return isWhole && added >= 3
  }

  // MARK: Other programs

  /// Whether `text` was written by a program that is no part of a node: tests, what logs as go-kit does (Prometheus,
  /// Loki and theirs), what runs on Java. Its failures are its own.
  static func isOfOtherProgram(_ text: Substring) -> Bool {
    text.hasPrefix(": INFO: ") || text.contains("_test.go:") || (text.contains(" caller=") && text.contains("level="))
      || (text.contains("java.") && text.contains("Exception"))
  }

  /// Whether a text is what a run of tests printed: failures that the tests bring about.
  static func isTestRun(_ text: String) -> Bool {
    text.split(separator: "\n", maxSplits: 400).prefix(400).count { line in
      testMarks.contains { line.drop { $0 == " " }.hasPrefix($0) }
    } >= 2
  }

  private static let testMarks = ["=== RUN", "--- PASS: ", "--- FAIL: ", "--- SKIP: ", "ok  \t", "FAIL\t", "STEP: "]

  // MARK: Sentences

  /// Whether what matched stands in quotation marks within a sentence: words before and after, and none of the signs
  /// that join the parts of an error.
  static func isQuotedInSentence(_ line: ArraySlice<UInt8>, at match: Range<Int>) -> Bool {
    let quote = UInt8(ascii: "\"")
    let base = line.startIndex
    let before = line[base..<min(base + match.lowerBound, line.endIndex)]
    let after = line[min(base + match.upperBound, line.endIndex)...]
    guard let open = before.firstIndex(of: quote), let close = after.lastIndex(of: quote),
      before.count(where: { $0 == quote }) % 2 == 1
    else { return false }
    let parts = [before[..<open], after[(close + 1)...].prefix(60)]
    return parts.allSatisfy { part in
      part.count { $0.isLetter } >= 6 && !part.contains { [0x3a, 0x3d, 0x5b, 0x7b].contains($0) }
    }
  }

  // MARK: Tables

  /// Whether `line` is a row of a table that describes something: several cells hold words. Cells of tools hold values.
  static func isTableOfWords(_ line: Substring) -> Bool {
    guard line.hasPrefix("|") else { return false }
    return line.split(separator: "|").count { $0.split(separator: " ").count { $0.contains(where: \.isLetter) } >= 3 }
      >= 2
  }

  private static func trimmed(_ line: Substring) -> Substring {
    var text = line.drop { " \t".contains($0) }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_.-".contains(character)
  }
}
