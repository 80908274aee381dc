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
    /// It is written as words, as in `signing key`, and so may begin a sentence.
    var isSpaced = false
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
    let adjective = end - start == 3 ? keyAdjective(before: start, in: range) : nil
    let written = adjective.map { Array("\($0)-key".utf8)[...] } ?? text[start..<end]
    guard let name = secretName(written) else { return lookAtPlainKey(start..<end, in: range) }
    if adjective != nil, text[end].isBlank, text[end + 1].isDigit, !text[end + 2].isAlphanumeric { end += 2 }
    var place = NamePlace(
      range: start..<end, name: name, isFlag: first < start && text[first] == 45,
      beginsLine: beginsLine(first, in: range),
      line: range)
    place.isSpaced = adjective != nil
    // The last part of a path: `Post ".../serviceaccounts/x/token": dial tcp`.
    if text[first - 1] == UInt8(ascii: "/"), first > range.lowerBound, !text.has(">", at: end) { return }
    if name.meaning == .certificateKey { return lookAtCertificateKey(place) }
    assign(place)
  }

  private static let keyAdjectives = [
    "certificate", "signing", "private", "secret", "encryption", "decryption", "access", "master", "unseal", "session",
    "shared", "preshared", "pre-shared", "api", "license", "account", "recovery", "auth", "storage", "hmac",
  ]

  /// What sort of key `key` is, where a blank stands between.
  private func keyAdjective(before start: Int, in range: Range<Int>) -> String? {
    guard start > range.lowerBound, text[start - 1].isBlank else { return nil }
    return Self.keyAdjectives.first { word in
      let from = start - 1 - word.utf8.count
      guard from >= range.lowerBound, !text[from - 1].isKey || from == range.lowerBound else { return false }
      return zip(from..<start - 1, word.utf8).allSatisfy { text[$0].lowered == $1 }
    }
  }

  /// `key = AQB…==` of a keyring: binary, in base64.
  private func lookAtPlainKey(_ range: Range<Int>, in line: Range<Int>) {
    guard range.count == 3, text.hasIgnoringCase("key", at: range.lowerBound) else { return }
    for word: StaticString in ["public ", "host "] {
      if text.hasIgnoringCase(word, at: range.lowerBound - word.utf8CodeUnitCount) { return }
    }
    var start = text.skipBlanks(range.upperBound, to: line.upperBound)
    guard text[start] == UInt8(ascii: "=") || text[start] == UInt8(ascii: ":") else { return }
    start = text.skipBlanks(start + 1, to: line.upperBound)
    if text[start].isQuote { start += 1 }
    let end = text.run(from: start, to: line.upperBound, while: \.isBase64)
    guard end - start >= 24, text[end - 1] == 61, Base64.decoded(text[start..<end]) == nil,
      Base64.bytes(text[start..<end]) != nil
    else { return }
    hide(start..<end, .encryptionKey)
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
  func assign(_ place: NamePlace) {
    let end = place.line.upperBound
    var position = place.range.upperBound
    if text[position] == UInt8(ascii: "&"), hideInEntities(place) { return }
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
    position = skipGap(position, to: end)
    let hasGap = position > gap
    if hasGap, quote.isEmpty, hideVeryRandom(position, place) { return }
    if hasGap, text[position] == UInt8(ascii: "|"), hideCell(place, position) { return }
    if hasGap, !place.isFlag, text.has("-v ", at: position) {
      return hideNext(after: position + 3, in: place.line, place.name.kind)
    }
    if place.name.isPlural, place.name.meaning == .token, text[position] == UInt8(ascii: "{"),
      keyText(position + 1..<end).isEmpty
    {
      state.list = Continuation.List(
        kind: place.name.kind, onlyRandom: true, lines: 40, close: UInt8(ascii: "}"))
      return
    }
    if place.isFlag, hasGap, !quote.isEmpty, let value = auditedArgument(position, to: end) {
      return hideWholeValue(value..<end, place.name.kind)
    }
    guard let joint = joint(at: &position, place, hasGap: hasGap, isQuoted: !quote.isEmpty) else {
      return lookAtNamedValue(place, after: position)
    }
    position = skipGap(position, to: end)
    skipTags(&position, to: end)
    if place.isFlag, joint == .equals, text[position - 1].isBlank { return }
    if position >= end, joint == .element {
      // `x=<password>` is a place to fill in.
      guard text[text.skipBlanks(place.line.lowerBound, to: end)] == UInt8(ascii: "<") else { return }
      state.nextLine = Continuation.NextLine(kind: place.name.kind, lines: 1)
      return
    }
    if position >= end { return expectValue(of: place, joint == .colon || joint == .comma || joint == .space) }
    let isStrong =
      (!place.isSpaced || !quote.isEmpty)
      && (!quote.isEmpty || place.isFlag || place.name.isUpper || joint == .equals || joint == .element
        || (place.beginsLine && form.isConfiguration) || (place.name.isCompound && !hasGap))
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
    if byte == 45, text[position + 1] == UInt8(ascii: ">") {
      position += 2
      return place.name.isCompound ? .equals : .colon
    }
    if isQuoted, !place.isFlag, byte == UInt8(ascii: ","), isPair(position, place) {
      position += 1
      return .equals
    }
    if place.name.meaning == .password, byte == UInt8(ascii: "("), isCallOfSetter(place), opensQuote(position + 1) {
      position += 1
      return .equals
    }
    for word: StaticString in [",<<\"", ", <<\""] where text.has(word, at: position) {
      position += word.utf8CodeUnitCount - 1
      return .equals
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
    if place.isFlag, byte == UInt8(ascii: ","), isQuoted || text[position + 1].isBlank {
      position += 1
      return .comma
    }
    if place.isFlag, byte == 0 {
      position += 1
      return .space
    }
    if place.isFlag, hasGap { return .space }
    let canBeProse = place.name.meaning == .token || (place.name.meaning == .password && place.name.text != "pass")
    if hasGap, !canBeProse, place.beginsLine, byte == 34, endsStatement(position, to: place.line.upperBound) {
      return .space
    }
    if hasGap, canBeProse, byte == 34 || byte == 39 || byte == 92 {
      return .prose
    }
    if hasGap, place.name.meaning == .password, isLogin(before) { return .space }
    if hasGap, Self.directives.contains(place.name.text) || isDirective(place, position) { return .space }
    if hasGap, place.name.isUpper, text.has("ENV ", at: place.range.lowerBound - 4) { return .space }
    return nil
  }

  /// `secret "x";` of BIND and DRBD.
  private func endsStatement(_ position: Int, to end: Int) -> Bool {
    guard let inner = quoted(at: position, to: end) else { return false }
    return text[inner.upperBound + 1] == UInt8(ascii: ";")
      || text.skipBlanks(inner.upperBound + 1, to: end) >= end && SecretValue.isMixed(text[inner])
  }

  /// Names that stand for nothing but a line `name value`.
  private static let directives = [
    "requirepass", "masterauth", "rootpw", "bindpw", "authpass", "insecurepassword", "masteruserpassword",
  ]

  /// `('name', 'value')`, `("NAME", "value", 1)`: two texts of which the second is no word.
  private func isPair(_ comma: Int, _ place: NamePlace) -> Bool {
    let start = text.skipBlanks(comma + 1, to: place.line.upperBound)
    guard let inner = quoted(at: start, to: place.line.upperBound) else { return false }
    var before = place.range.lowerBound
    while before > place.line.lowerBound, text[before - 1].isQuote || text[before - 1] == 92 { before -= 1 }
    // Amid a list of names it is one of them.
    if place.name.meaning == .authorization || place.name.meaning == .cookie { return true }
    return text[before - 1] == UInt8(ascii: "(") && SecretValue.isMixed(text[inner])
  }

  /// Where the next argument begins in a record of the kernel's audit: `a1="--password" a2="x"`.
  private func auditedArgument(_ position: Int, to end: Int) -> Int? {
    guard text[position] == UInt8(ascii: "a") else { return nil }
    let digits = text.run(from: position + 1, to: end, while: \.isDigit)
    return digits > position + 1 && text[digits] == 61 ? digits + 1 : nil
  }

  /// `&quot;password&quot;:&quot;x&quot;` of a page.
  private func hideInEntities(_ place: NamePlace) -> Bool {
    let end = place.line.upperBound
    for mark: StaticString in ["&quot;", "&#34;", "&#39;"] where text.has(mark, at: place.range.upperBound) {
      var position = text.skipBlanks(place.range.upperBound + mark.utf8CodeUnitCount, to: end)
      guard text[position] == 58 || text[position] == 61 else { return false }
      position = text.skipBlanks(position + 1, to: end)
      guard text.has(mark, at: position) else { return false }
      position += mark.utf8CodeUnitCount
      let close = text.find(mark, from: position, to: end) ?? end
      if !SecretValue.isPlaceholder(text[position..<close]) { hide(position..<close, place.name.kind) }
      return true
    }
    return false
  }

  /// Blanks, and the colours of a terminal, also as syslog writes them.
  private func skipGap(_ position: Int, to end: Int) -> Int {
    var position = text.skipBlanks(position, to: end)
    while position < end, text[position] == 92, text[position + 1] == UInt8(ascii: "t") {
      position = text.skipBlanks(position + 2, to: end)
    }
    while position < end {
      let bracket = text[position] == 27 ? position + 1 : text.has("#033", at: position) ? position + 4 : end
      guard text[bracket] == 91, bracket < end else { return position }
      let last = text.run(from: bracket + 1, to: end) { $0.isDigit || $0 == 59 }
      guard text[last] == UInt8(ascii: "m") else { return position }
      position = text.skipBlanks(last + 1, to: end)
    }
    return position
  }

  private func opensQuote(_ position: Int) -> Bool {
    var position = position
    while text[position] == 92 { position += 1 }
    return text[position].isQuote
  }

  /// `setPassword("x")`, not `getPassword("x")`.
  private func isCallOfSetter(_ place: NamePlace) -> Bool {
    !["get", "read", "ask", "prompt", "check", "lookup", "find", "require"].contains(where: place.name.text.hasPrefix)
  }

  /// A line `name value` of a configuration: `auth_pass x` of keepalived.conf(5), `bindpw x` of ldap.conf(5).
  private func isDirective(_ place: NamePlace, _ position: Int) -> Bool {
    guard form.isConfiguration, place.beginsLine, place.name.meaning == .password else { return false }
    let end = text.run(from: position, to: place.line.upperBound) { !$0.isSpace }
    let word = String(decoding: text[position..<end].map(\.lowered), as: UTF8.self)
    return text.skipBlanks(end, to: place.line.upperBound) >= place.line.upperBound && !text[position].isQuote
      && !word.hasSuffix("/tcp") && !word.hasSuffix("/udp") && !SecretValue.prose.contains(word)
  }

  /// Hides a word after a blank that is no word of any language: `secret 1cLuDomfyrfbwHTk`.
  private func hideVeryRandom(_ start: Int, _ place: NamePlace) -> Bool {
    let end = text.run(from: start, to: place.line.upperBound) {
      !$0.isSpace && !$0.isQuote && $0 != 92 && $0 != 44 && $0 != 59 && $0 != 41
    }
    if place.name.meaning == .auth || place.name.meaning == .credential,
      let colon = text.find(58, from: start, to: end), SecretValue.isRandom(text[colon + 1..<end])
    {
      // `basic auth joe:x`, `credentials (joe:x)`
      hide(colon + 1..<end, place.name.kind)
      return true
    }
    let isCell =
      start - place.range.upperBound > 1 || text[start - 1] != 32 || place.name.meaning == .password
    let isRow = isCell && place.beginsLine && text.skipBlanks(end, to: place.line.upperBound) >= place.line.upperBound
    if place.name.text.hasSuffix("secretid"), SecretValue.isUUID(text[start..<end]) {
      hide(start..<end, place.name.kind)
      return true
    }
    guard SecretValue.isVeryRandom(text[start..<end]) || (isRow && SecretValue.isMixed(text[start..<end])) else {
      return false
    }
    hide(start..<end, place.name.kind)
    return true
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
      || text.contains("neighbor ", in: from..<range.upperBound)
      || text.contains("d-i passwd/", in: from..<range.upperBound)
  }

  /// YAML tags and anchors before a value, and the letter before a quoted text of Python.
  private func skipTags(_ position: inout Int, to end: Int) {
    while position < end, text[position] == UInt8(ascii: "!") || text[position] == UInt8(ascii: "&") {
      let next = text.run(from: position, to: min(end, position + 40)) { !$0.isSpace }
      guard text[next].isBlank else { return }
      position = text.skipBlanks(next, to: end)
    }
    for word: StaticString in ["[]byte(", "[]uint8("] where text.has(word, at: position) {
      position += word.utf8CodeUnitCount
    }
    for word: StaticString in ["[]byte{", "[]uint8{", "[]string{"] where text.has(word, at: position) {
      position += word.utf8CodeUnitCount - 1
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

  /// A name at the end of its line: its value may follow.
  private func expectValue(of place: NamePlace, _ mayFollow: Bool) {
    guard mayFollow else { return }
    if place.isFlag {
      state.expectedItem = place.name.kind
    } else if place.beginsLine {
      let quote = text[place.range.lowerBound - 1].isQuote ? 1 : 0
      let indent = place.range.lowerBound - place.line.lowerBound - quote
      state.nested = Continuation.Nested(
        indent: indent, kind: place.name.kind, isScalar: true, onlyRandom: place.name.isPlural)
    }
  }
}
