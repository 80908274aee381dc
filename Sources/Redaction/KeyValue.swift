/// Names with values: `password=x`, `"token": "x"`, `--password x`, `<secret>x</secret>`.
extension SecretFinder {
  /// What joins a name and its value.
  private enum Joint { case colon, equals, element, space, comma, prose }

  /// A secret's name in a line.
  struct NamePlace {
    let range: Range<Int>
    let name: SecretName
    let isFlag: Bool
    /// Nothing but blanks, a dash, or a word such as `export` stands before it.
    let beginsLine: Bool
    let line: Range<Int>
  }

  func lookAtKey(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end - 1
    let least = max(range.lowerBound, hit.end - 128)
    while start > least, text[start - 1].isKey { start -= 1 }
    while start > least, text[hit.end - 1] > 127, text[start - 1] > 127, hit.end - start < 6 { start -= 1 }
    if text[start - 1] == 92, "nrt".utf8.contains(text[start]), hit.end - start > 1 { start += 1 }
    var end = text.run(from: hit.end, to: min(range.upperBound, hit.end + 128), while: \.isKey)
    while end > hit.end, text[end - 1] == 45 || text[end - 1] == 46 { end -= 1 }
    let first = start
    while start < hit.end, text[start] == 45 || text[start] == 46 { start += 1 }
    guard end != line.lastKeyEnd else { return }
    line.lastKeyEnd = end
    if text.hasIgnoringCase("incominguser", at: start) || text.hasIgnoringCase("outgoinguser", at: start) {
      return hideWord(2, after: start, in: range, .password)
    }
    let isSpacedKey = end - start == 3 && text.hasIgnoringCase("certificate ", at: start - 12)
    guard let name = secretName(isSpacedKey ? Array("certificate-key".utf8)[...] : text[start..<end]) else { return }
    let place = NamePlace(
      range: start..<end, name: name, isFlag: first < start && text[first] == 45,
      beginsLine: beginsLine(first, in: range),
      line: range)
    // The last part of a path: `Post ".../serviceaccounts/x/token": dial tcp`.
    if text[first - 1] == UInt8(ascii: "/"), first > range.lowerBound, !text.has(">", at: end) { return }
    if name.meaning == .certificateKey { return lookAtCertificateKey(place) }
    assign(place)
  }

  /// Whether only blanks and words such as `export` stand between the line's begin, or an escaped line feed, and `position`.
  private func beginsLine(_ position: Int, in range: Range<Int>) -> Bool {
    var start = position
    if start > range.lowerBound, text[start - 1].isQuote { start -= 1 }
    while start > range.lowerBound, text[start - 1] == 92 { start -= 1 }
    while start > range.lowerBound, text[start - 1].isBlank || text[start - 1] == 45 || text[start - 1] == 63 {
      start -= 1
    }
    if start == range.lowerBound || (text[start - 1] == 110 && text[start - 2] == 92) { return true }
    for word: StaticString in ["export", "ENV", "set", "ARG", "#", ";"] {
      let from = start - word.utf8CodeUnitCount
      if from >= range.lowerBound, text.has(word, at: from), text.skipBlanks(range.lowerBound, to: from) == from {
        return true
      }
    }
    return false
  }

  /// Finds the value of a name and hides it.
  private func assign(_ place: NamePlace) {
    let end = place.line.upperBound
    var position = place.range.upperBound
    let quoteStart = position
    while text[position] == 92, position < end { position += 1 }
    var quote: ArraySlice<UInt8> = []
    if text[position].isQuote, position < end {
      position += 1
      quote = text[quoteStart..<position]
    } else {
      position = quoteStart
    }
    if text[position] == UInt8(ascii: "]") { position += 1 }
    let gap = position
    position = text.skipBlanks(position, to: end)
    let hasGap = position > gap
    guard let joint = joint(at: &position, place, hasGap: hasGap, isQuoted: !quote.isEmpty) else {
      return lookAtNamedValue(place, after: position)
    }
    position = text.skipBlanks(position, to: end)
    skipTags(&position, to: end)
    if position >= end { return expectValue(of: place, joint == .colon || joint == .comma || joint == .space) }
    let isStrong =
      !quote.isEmpty || place.isFlag || place.name.isUpper || joint == .equals || joint == .element
      || (place.beginsLine && form.isConfiguration) || (place.name.isCompound && !hasGap)
    take(
      ValueContext(
        place: place, start: position, isStrong: isStrong, isColon: joint == .colon, isSpaced: hasGap,
        wrap: joint == .colon && !quote.isEmpty ? quote : [], isProse: joint == .prose, isElement: joint == .element))
  }

  /// What stands between name and value; moves behind it.
  private func joint(at position: inout Int, _ place: NamePlace, hasGap: Bool, isQuoted: Bool) -> Joint? {
    let byte = text[position]
    if position >= place.line.upperBound {
      return place.isFlag ? .space : nil
    }
    if text.hasIgnoringCase("%3d", at: position) || text.hasIgnoringCase("%3a", at: position) {
      position += 3
      return .equals
    }
    if text.has("：", at: position) || text.has("为", at: position) {
      position += 3
      return .colon
    }
    if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") {
      position += 1
      while text[position] == UInt8(ascii: "=") || text[position] == UInt8(ascii: ">") { position += 1 }
      return byte == UInt8(ascii: "=") ? .equals : .colon
    }
    let before = place.line.lowerBound..<place.range.lowerBound
    if byte == UInt8(ascii: ">") || hasGap, isElement(before) {
      guard let close = text.find(UInt8(ascii: ">"), from: position, to: min(place.line.upperBound, position + 256))
      else { return nil }
      position = close + 1
      return .element
    }
    if place.isFlag, byte == UInt8(ascii: ","), isQuoted {
      position += 1
      return .comma
    }
    if place.isFlag, byte == 0 {
      position += 1
      return .space
    }
    if place.isFlag, hasGap { return .space }
    let canBeProse = place.name.meaning == .token || (place.name.meaning == .password && place.name.text != "pass")
    if hasGap, canBeProse, byte == 34 || byte == 39 || byte == 92 {
      return .prose
    }
    if hasGap, place.name.meaning == .password, isLogin(before) || place.name.text == "requirepass" { return .space }
    return nil
  }

  /// Whether an XML element's begin ends the range.
  private func isElement(_ range: Range<Int>) -> Bool {
    var position = range.upperBound
    while position > range.lowerBound, text[position - 1].isKey || text[position - 1] == UInt8(ascii: ":") {
      position -= 1
    }
    return position > range.lowerBound && text[position - 1] == UInt8(ascii: "<")
  }

  /// netrc(5): `login x password y`.
  private func isLogin(_ range: Range<Int>) -> Bool {
    let from = max(range.lowerBound, range.upperBound - 100)
    return text.contains("login ", in: from..<range.upperBound)
      || text.contains("machine ", in: from..<range.upperBound)
  }

  /// YAML tags and anchors before a value, and the letter before a quoted text of Python.
  private func skipTags(_ position: inout Int, to end: Int) {
    while position < end, text[position] == UInt8(ascii: "!") || text[position] == UInt8(ascii: "&") {
      let next = text.run(from: position, to: min(end, position + 40)) { !$0.isSpace }
      guard text[next].isBlank else { return }
      position = text.skipBlanks(next, to: end)
    }
    if "bur".utf8.contains(text[position]), text[position + 1].isQuote { position += 1 }
  }

  /// Hides the word that comes `count` words after `start`.
  func hideWord(_ count: Int, after start: Int, in range: Range<Int>, _ kind: Kind) {
    var position = start
    for _ in 0..<count {
      position = text.run(from: position, to: range.upperBound) { !$0.isSpace }
      position = text.skipBlanks(position, to: range.upperBound)
    }
    let end = text.run(from: position, to: range.upperBound) { !$0.isSpace }
    if !SecretValue.isPlaceholder(text[position..<end]) { hide(position..<end, kind) }
  }

  /// The value that a list of names and values gives to the name: `name: DB_PASSWORD` and `value: x`.
  private func lookAtNamedValue(_ place: NamePlace, after position: Int) {
    let end = place.line.upperBound
    guard isFieldOfNames(place) else { return }
    var next = position
    while next < end, text[next].isBlank || ",;\"'\\".utf8.contains(text[next]) { next += 1 }
    guard next < end else {
      state.expectedValue = Continuation.ExpectedValue(kind: place.name.kind, lines: 3)
      return
    }
    guard text.hasIgnoringCase("value", at: next) else { return }
    next += 5
    while next < end, text[next] == 92 || text[next].isQuote { next += 1 }
    next = text.skipBlanks(next, to: end)
    guard text[next] == UInt8(ascii: ":") || text[next] == UInt8(ascii: "=") else { return }
    next = text.skipBlanks(next + 1, to: end)
    take(ValueContext(place: place, start: next, isStrong: true, isColon: true))
  }

  /// Whether the name stands as the value of `name`, `key` or the like.
  private func isFieldOfNames(_ place: NamePlace) -> Bool {
    var position = place.range.lowerBound
    let least = max(place.line.lowerBound, position - 40)
    func skip(_ test: (UInt8) -> Bool) { while position > least, test(text[position - 1]) { position -= 1 } }
    skip { $0.isBlank || $0.isQuote || $0 == 92 }
    guard position > least, text[position - 1] == UInt8(ascii: ":") || text[position - 1] == UInt8(ascii: "=") else {
      return false
    }
    position -= 1
    skip { $0.isBlank || $0.isQuote || $0 == 92 }
    return [4, 3].contains { count in
      let from = position - count
      guard from >= place.line.lowerBound, !text[from - 1].isKey || text[from - 1] == 45 || from == 0 else {
        return false
      }
      return count == 4 ? text.hasIgnoringCase("name", at: from) : text.hasIgnoringCase("key", at: from)
    }
  }

  /// A name at the end of its line: its value may follow.
  private func expectValue(of place: NamePlace, _ mayFollow: Bool) {
    guard mayFollow else { return }
    if place.isFlag {
      state.expectedItem = place.name.kind
    } else if place.beginsLine {
      let indent = place.range.lowerBound - place.line.lowerBound
      state.nested = Continuation.Nested(indent: indent, kind: place.name.kind, isScalar: true)
    }
  }
}
