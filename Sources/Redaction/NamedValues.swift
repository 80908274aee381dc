/// Names that stand apart from their values: `name: DB_PASSWORD` and `value: x`, and sentences.
extension SecretFinder {
  /// The value that a list of names and values gives to the name: `name: DB_PASSWORD` and `value: x`.
  func lookAtNamedValue(_ place: NamePlace, after position: Int) {
    let end = place.line.upperBound
    guard isFieldOfNames(place) else { return lookAtSentence(place, after: position) }
    if lookAtValueBefore(place) { return }
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

  /// A value that stands before its name: `{"value":"x","name":"DB_PASSWORD"}`, or in the line above.
  private func lookAtValueBefore(_ place: NamePlace) -> Bool {
    let line = place.line
    let least = max(line.lowerBound, place.range.lowerBound - 400)
    var position = place.range.lowerBound
    while position > least, text[position - 5..<position].map(\.lowered) != Array("value".utf8) {
      if "{}[]".utf8.contains(text[position - 1]) { break }
      position -= 1
    }
    if position > least, text[position - 1].lowered == UInt8(ascii: "e") { return takeValue(after: position, place) }
    // Of a stream, the line above may have passed already.
    guard form.isConfiguration, line.lowerBound > 1,
      text.skipBlanks(line.lowerBound, to: line.upperBound) >= place.range.lowerBound - 12
    else {
      return false
    }
    let above = text.lineStart(before: line.lowerBound - 1)..<line.lowerBound - 1
    var start = text.skipBlanks(above.lowerBound, to: above.upperBound)
    if text[start] == 45 { start = text.skipBlanks(start + 1, to: above.upperBound) }
    if text[start].isQuote { start += 1 }
    guard text.has("value", at: start), above.lowerBound >= edits.last?.range.upperBound ?? 0 else { return false }
    start += 5
    if text[start].isQuote { start += 1 }
    guard text[start] == UInt8(ascii: ":") else { return false }
    hideWholeValue(text.skipBlanks(start + 1, to: above.upperBound)..<above.upperBound, place.name.kind)
    return true
  }

  private func takeValue(after name: Int, _ place: NamePlace) -> Bool {
    let end = place.range.lowerBound
    var position = name
    while position < end, text[position] == 92 || text[position].isQuote { position += 1 }
    position = text.skipBlanks(position, to: end)
    guard text[position] == UInt8(ascii: ":") || text[position] == UInt8(ascii: "=") else { return false }
    position = text.skipBlanks(position + 1, to: end)
    if let inner = quoted(at: position, to: end) {
      guard !SecretValue.isPlaceholder(text[inner]), inner.lowerBound >= covered else { return true }
      hide(inner, place.name.kind)
      return true
    }
    let last = text.run(from: position, to: end) { !$0.isSpace && !",;}".utf8.contains($0) }
    if last < end, position >= covered, !SecretValue.isPlaceholder(text[position..<last]) {
      hide(position..<last, place.name.kind)
    }
    return true
  }

  /// `the api_token is x`: only what is no word.
  private func lookAtShortSentence(_ place: NamePlace, after position: Int) {
    guard text.has("is ", at: position) else { return }
    let start = text.skipBlanks(position + 3, to: place.line.upperBound)
    let end = text.run(from: start, to: place.line.upperBound) { $0.isBase64 }
    let isLast = end >= place.line.upperBound
    let isSecret =
      place.name.isCompound
      ? SecretValue.isRandom(text[start..<end], minimum: 10)
      : SecretValue.isVeryRandom(text[start..<end]) || (isLast && SecretValue.isMixed(text[start..<end]))
    if isSecret { hide(start..<end, place.name.kind) }
  }

  /// `password for user is "x"`, `Passwort für joe: x`: only what is no word.
  private func lookAtSentence(_ place: NamePlace, after position: Int) {
    lookAtHeads(place)
    guard place.name.meaning == .password else { return lookAtShortSentence(place, after: position) }
    let end = place.line.upperBound
    if text[end - 1] == 58 {
      // `Password for the elastic user:`, and in the next line what it is.
      state.nextLine = Continuation.NextLine(kind: .password, lines: 3, onlyMixed: true)
    }
    let limit = min(end, position + 64)
    let words: [StaticString] = ["is ", "set to ", "changed to ", ": "]
    for word in words {
      guard let next = text.find(word, from: position, to: limit) else { continue }
      let before = covered
      lookAtStatement(place, next, word.utf8CodeUnitCount)
      if covered > before { return }
    }
  }

  private func lookAtStatement(_ place: NamePlace, _ next: Int, _ length: Int) {
    let end = place.line.upperBound
    let isVerb = length == 3
    if length > 2, !text[next - 1].isBlank { return }
    let start = text.skipBlanks(next + length, to: end)
    if let inner = quoted(at: start, to: end) {
      let isWord = isVerb && inner.count >= 4 && !text[inner].contains(32)
      let isSecret = SecretValue.isRandom(text[inner]) && !text[inner].contains(32)
      if isWord || isSecret { hide(inner, .password) }
      return
    }
    var last = text.run(from: start, to: end) { !$0.isSpace && !$0.isQuote && $0 != 92 }
    while last > start, ".,;)".utf8.contains(text[last - 1]) { last -= 1 }
    // `A temporary password is generated for root@localhost: x`, whatever the chance made.
    if last >= end, last - start >= 8, text.contains("generated", in: place.range.upperBound..<next) {
      return hide(start..<last, .password)
    }
    let isEnd = (length > 2 || last - start >= 10) && last >= end
    if isEnd ? SecretValue.isMixed(text[start..<last]) : SecretValue.isVeryRandom(text[start..<last]) {
      hide(start..<last, .password)
    }
  }
}
