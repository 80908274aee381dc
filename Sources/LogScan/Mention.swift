/// Tells a line that reports a failure from a line that only speaks of one.
///
/// Dumps of flags and configurations, shell commands, documentation and alert rules contain the words of failures.
enum Mention {
  /// Whether `message`, whose header was recognised or not, only mentions what matched at `match`.
  static func isMention(_ message: ArraySlice<UInt8>, at match: Range<Int>, hasHeader: Bool) -> Bool {
    let text = String(decoding: message.prefix(2000), as: UTF8.self)
    let trimmed = text.drop { " \t>*".contains($0) }
    if trimmed.hasPrefix("FLAG: --") || trimmed.contains("with config {PluginConfig") { return true }
    if Quotation.isOfOtherProgram(text[...]) { return true }
    if hasHeader { return false }
    return isCommand(trimmed) || isDocument(trimmed) || isQuotedInProse(message, at: match)
      || Quotation.isQuotation(text.drop { " \t>".contains($0) }) || Quotation.isQuotedInSentence(message, at: match)
  }

  private static let commands: Set<Substring> = [
    "sudo", "grep", "egrep", "zgrep", "rg", "journalctl", "kubectl", "echo", "printf", "sed", "awk", "curl", "tail",
    "crictl", "docker", "dmesg", "cat",
  ]

  private static func isCommand(_ line: Substring) -> Bool {
    var rest = line
    if let prompt = rest.firstIndex(where: { $0 == "$" || $0 == "#" }),
      rest.index(after: prompt) < rest.endIndex, rest[rest.index(after: prompt)] == " ",
      rest.distance(from: rest.startIndex, to: prompt) < 60, !rest[..<prompt].contains(": ")
    {
      rest = rest[rest.index(after: prompt)...].drop { $0 == " " }
    }
    let words = rest.split(separator: " ", maxSplits: 1)
    guard let first = words.first, commands.contains(first) else { return false }
    return true
  }

  private static let documentStarts = [
    "//", "expr:", "pattern:", "regex:", "\"pattern\"", "- alert:", "description:", "summary:", "log:", "- log:",
    "matches:", "- matches:", "title:", "en:", "zh:",
  ]

  private static let proseWords = [
    "if you see", "if you get", "for example", "you may see", "you might see", "you will see", "such as `", "e.g. `",
    "an error like", "errors like", "error such as", "results in a", "result in a", "to avoid ", "usually", "typically",
    "for instance", "indicates that", "usually means", "common cause",
  ]

  /// What people write before a message that they did get.
  private static let reportWords = [
    "i get", "i got", "i see ", "we get", "we got", "we see ", "getting", "shows", "showed", "saying", "says", "error:",
    "errors:", "error ", "fails with", "failed with", "failing with", "log:", "logs:", "output:", "message:",
  ]

  private static func isDocument(_ line: Substring) -> Bool {
    let lower = line.lowercased()
    // The title of an issue is the message itself.
    if ["# error", "# failed to", "# fatal"].contains(where: lower.hasPrefix) { return false }
    if documentStarts.contains(where: lower.hasPrefix) { return true }
    // `#6 1.692 Err:` is BuildKit's log.
    if lower.hasPrefix("#"), lower.dropFirst().first?.isNumber != true { return true }
    if proseWords.contains(where: lower.contains) { return true }
    // A changelog names its pull requests.
    guard lower.hasPrefix("- ") || line != line.drop(while: { $0 == " " }), let number = lower.range(ofPullRequest: ())
    else { return false }
    return !number.isEmpty
  }

  /// Whether what matched stands in backticks in a sentence; a line that was quoted whole is a report.
  private static func isQuotedInProse(_ message: ArraySlice<UInt8>, at match: Range<Int>) -> Bool {
    let base = message.startIndex
    let tick = UInt8(ascii: "`")
    let before = message[base..<min(base + match.lowerBound, message.endIndex)]
    let after = message[min(base + match.upperBound, message.endIndex)...]
    guard let open = before.firstIndex(of: tick), let close = after.lastIndex(of: tick) else { return false }
    let outside = before[..<open] + after[(close + 1)...]
    guard outside.count(where: { $0.isLetter }) > 3 else { return false }
    let prose = String(decoding: outside, as: UTF8.self).lowercased()
    return !reportWords.contains(where: prose.contains) || proseWords.contains(where: prose.contains)
  }
}

extension UInt8 {
  var isLetter: Bool { (65...90).contains(self) || (97...122).contains(self) || self >= 0x80 }
}

extension String {
  /// The first `(#123` or `[#123` of a text.
  fileprivate func range(ofPullRequest: Void) -> Range<Index>? {
    var index = startIndex
    while let hash = self[index...].firstIndex(of: "#") {
      let after = self.index(after: hash)
      if hash > startIndex, "([".contains(self[self.index(before: hash)]), after < endIndex, self[after].isNumber {
        return hash..<after
      }
      index = after
    }
    return nil
  }
}

extension Mention {
  /// What a text is.
  enum TextKind {
    case log
    /// Only lines with a log header of their own report anything.
    case document
    /// Nothing reports anything.
    case rules
  }

  /// What a text is, of which this is the beginning.
  static func kind(of head: UnsafeRawBufferPointer) -> TextKind {
    let text = String(decoding: head.prefix(64 * 1024), as: UTF8.self)
    if Quotation.isChangelog(text) || Quotation.isDiff(text) || Quotation.isTestRun(text) { return .document }
    let shape = DocumentShape(of: text)
    return shape.isRuleFile ? .rules : isDocument(text, shape) ? .document : .log
  }

  private static let issueHeadings = [
    "# what happened", "# environment", "# steps to reproduce", "# how to reproduce", "# expected behavio",
    "# actual behavio", "# current behavio", "# describe the bug", "# what you expected", "# what did you expect",
    "# what keywords did you search", "# is this a request for help", "# describe the results you received",
    "# bug report", "# versions", "**what happened**", "**environment**", "**describe the bug**",
    "**steps to reproduce", "**how to reproduce it", "**what you expected",
  ]

  private static func isDocument(_ text: String, _ shape: DocumentShape) -> Bool {
    // A report of a failure has headings, too: those of the templates that projects give for it.
    let lower = text.prefix(16_384).lowercased()
    if issueHeadings.contains(where: lower.contains) { return false }
    var marks = 0
    for line in text.split(separator: "\n", maxSplits: 2000) {
      if line.hasPrefix("## ") || line.hasPrefix("### ") || line.hasPrefix("| --") || line.hasPrefix("|--") {
        marks += 1
      }
      if marks >= 2 { return true }
    }
    guard shape.isConfiguration || shape.isCode else { return false }
    return !text.split(separator: "\n", maxSplits: 2000).prefix(2000).contains { line in
      // A JSON object a line is a log; an object alone is a document.
      !line.hasPrefix("{") && Envelope.parse(ArraySlice(Array(line.utf8))).isRecognized
    }
  }
}
