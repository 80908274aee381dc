/// Secrets that a line above announces, or a word that is no name.
extension SecretFinder {
  /// `encrypt = "…"` of Consul and Nomad: 16 or 32 bytes in base64.
  func lookAtEncrypt(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    while start < range.upperBound, text[start].isBlank || text[start].isQuote || text[start] == 92 { start += 1 }
    let end = text.run(from: start, to: min(range.upperBound, start + 512), while: \.isBase64)
    if end - start >= 24, SecretValue.isBase64(text[start..<end]) { hide(start..<end, .encryptionKey) }
  }

  /// `"github-oauth": {"github.com": "…"}` of Composer.
  func lookAtObjectOfTokens(_ hit: Hit, in range: Range<Int>) {
    guard let open = text.find(123, from: hit.end, to: min(range.upperBound, hit.end + 8)) else { return }
    hideValues(of: open, to: range.upperBound, .token)
  }

  /// Hides the texts after colons in the object that begins at `open`, where they look like secrets.
  func hideValues(of open: Int, to end: Int, _ kind: Kind) {
    var position = open + 1
    while position < end, text[position] != UInt8(ascii: "}"), text[position] != UInt8(ascii: "{") {
      guard let inner = quoted(at: position, to: end) else {
        position += 1
        continue
      }
      var before = position
      while before > open, text[before - 1].isBlank { before -= 1 }
      let value = text[inner]
      let isSecret = SecretValue.isMixed(value) || SecretValue.isUUID(value)
      if text[before - 1] == 58, isSecret { hide(inner, kind) }
      position = text.run(from: inner.upperBound, to: end) { $0 == 92 } + 1
    }
  }

  /// The rest of the word in which the trigger ended.
  func hideRestOfWord(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound) { !$0.isSpace && !$0.isQuote && $0 != 92 }
    if !SecretValue.isPlaceholder(text[hit.end..<end]) { hide(hit.end..<end, .password) }
  }

  /// `-----BEGIN%20PRIVATE%20KEY-----%0A…`: a key in a query.
  func lookAtEncodedKey(_ hit: Hit, in range: Range<Int>) {
    guard text.contains("PRIVATE", in: hit.end..<min(range.upperBound, hit.end + 40)) else { return }
    let end = text.run(from: hit.end, to: range.upperBound) { $0.isBase64 || $0 == 37 }
    hide(hit.end..<end, .privateKey)
  }

  /// `"pass\u0077ord":"…"`.
  func lookAtEscapedName(_ hit: Hit, in range: Range<Int>) {
    guard hit.end > line.lastKeyEnd else { return }
    func isPart(_ byte: UInt8) -> Bool { byte.isKey || byte == 92 }
    var start = hit.end
    while start > max(range.lowerBound, hit.end - 64), isPart(text[start - 1]) { start -= 1 }
    let end = text.run(from: hit.end, to: min(range.upperBound, hit.end + 64), while: isPart)
    line.lastKeyEnd = end
    var name: [UInt8] = []
    var position = start
    while position < end {
      if text[position] == 92, text[position + 1] == UInt8(ascii: "u"), position + 6 <= end,
        let code = UInt8(text.string(position + 2..<position + 6), radix: 16)
      {
        name.append(code)
        position += 6
      } else {
        name.append(text[position])
        position += 1
      }
    }
    guard let secret = secretName(name[...]), text[end].isQuote else { return }
    let colon = text.skipBlanks(end + 1, to: range.upperBound)
    let value = text.skipBlanks(colon + 1, to: range.upperBound)
    guard text[colon] == 58, let inner = quoted(at: value, to: range.upperBound) else { return }
    if !SecretValue.isPlaceholder(text[inner]) { hide(inner, secret.kind) }
  }

  /// The `result` of Terraform's `random_password`.
  func lookAtGenerated(_ hit: Hit, in range: Range<Int>) {
    guard let name = text.find("\"result\"", from: hit.end, to: min(range.upperBound, hit.end + 4096)) else { return }
    let colon = text.skipBlanks(name + 8, to: range.upperBound)
    let start = text.skipBlanks(colon + 1, to: range.upperBound)
    let before = covered
    if text[colon] == 58, let inner = quoted(at: start, to: range.upperBound) { hide(inner, .password) }
    covered = before
  }

  /// `| password | x |`: the next cell of a table.
  func hideCell(_ place: NamePlace, _ bar: Int) -> Bool {
    var before = place.range.lowerBound
    while before > place.line.lowerBound, text[before - 1].isBlank || text[before - 1] == 42 { before -= 1 }
    guard text[bar] == UInt8(ascii: "|"), text[before - 1] == UInt8(ascii: "|") else { return false }
    let start = text.skipBlanks(bar + 1, to: place.line.upperBound)
    let end = text.run(from: start, to: place.line.upperBound) { !$0.isSpace && $0 != UInt8(ascii: "|") }
    guard SecretValue.isMixed(text[start..<end]) else { return false }
    hide(start..<end, place.name.kind)
    return true
  }

  /// `username,password`: the heads of columns.
  func lookAtHeads(_ place: NamePlace) {
    let line = place.line
    guard line.count < 200, text[line].contains(44), text[line].allSatisfy({ $0.isKey || $0 == 44 || $0 == 32 }) else {
      return
    }
    let index = text[line.lowerBound..<place.range.lowerBound].count { $0 == 44 }
    let count = text[line].count { $0 == 44 }
    let before = place.range.lowerBound == line.lowerBound || text[place.range.lowerBound - 1] == 44
    guard before, place.range.upperBound == line.upperBound || text[place.range.upperBound] == 44 else { return }
    state.column = Continuation.Column(index: index, count: count, kind: place.name.kind, lines: 100)
  }

  /// A row below `username,password`.
  func goOnColumn(_ range: Range<Int>, _ column: Continuation.Column) {
    state.column = nil
    guard column.lines > 0, text[range].count(where: { $0 == 44 }) == column.count else { return }
    state.column = Continuation.Column(
      index: column.index, count: column.count, kind: column.kind, lines: column.lines - 1)
    var start = range.lowerBound
    for _ in 0..<column.index { start = (text.find(44, from: start, to: range.upperBound) ?? range.upperBound) + 1 }
    let end = text.find(44, from: start, to: range.upperBound) ?? range.upperBound
    let cell = keyText(start..<end)
    if !SecretValue.isPlaceholder(text[cell]), !cell.isEmpty { hide(cell, column.kind) }
  }

  /// `- -psecret` below `- mysqladmin`.
  func goOnItems(_ range: Range<Int>) {
    state.mysqlItems -= 1
    let first = text.skipBlanks(range.lowerBound, to: range.upperBound)
    guard text[first] == 45, text[first + 1].isBlank else {
      state.mysqlItems = 0
      return
    }
    let item = keyText(first + 1..<range.upperBound)
    if text.has("-p", at: item.lowerBound), item.count > 3 { hide(item.lowerBound + 2..<item.upperBound, .password) }
  }
}
