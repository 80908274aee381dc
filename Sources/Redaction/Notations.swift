/// Secrets whose place is told by the words of a program around them, rather than by a name before them.
extension SecretFinder {
  /// Names of passwords in other languages; the bytes are compared as they are.
  static let foreignNames = [
    "contraseña", "Contraseña", "пароль", "Пароль", "パスワード", "密碼", "비밀번호", "mot de passe", "Mot de passe",
    "wachtwoord", "Wachtwoord", "lösenord", "Lösenord", "hasło", "Hasło", "senha", "Senha",
  ]

  func lookAtForeignName(_ hit: Hit, in range: Range<Int>) {
    guard
      let word = Self.foreignNames.first(where: { word in
        let count = word.utf8.count
        return hit.end - count >= range.lowerBound && text[hit.end - count..<hit.end].elementsEqual(word.utf8)
      }), let name = secretName(Array("password".utf8)[...])
    else { return }
    let start = hit.end - word.utf8.count
    if text[start - 1].isAlphanumeric { return }
    assign(
      NamePlace(range: start..<hit.end, name: name, isFlag: false, beginsLine: false, line: range))
  }

  /// The next word, or the next quoted text.
  func hideNext(after position: Int, in range: Range<Int>, _ kind: Kind) {
    let start = text.skipBlanks(position, to: range.upperBound)
    if let inner = quoted(at: start, to: range.upperBound) {
      if !SecretValue.isPlaceholder(text[inner]) { hide(inner, kind) }
      return
    }
    let end = text.run(from: start, to: range.upperBound) { !$0.isSpace && !$0.isQuote && !",;\\".utf8.contains($0) }
    if !SecretValue.isPlaceholder(text[start..<end]) { hide(start..<end, kind) }
  }

  /// The hexadecimal digits that go on where the trigger ended or in which it ended.
  func hideHexadecimal(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    while start > range.lowerBound, text[start - 1].isHex { start -= 1 }
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isHex)
    if end - start >= 16 { hide(start..<end, .encryptionKey) }
  }

  /// kube-vip's peers: `address:number:password:multihop`.
  ///
  /// - SeeAlso: https://kube-vip.io/docs/installation/flags/
  func lookAtPeer(_ hit: Hit, in range: Range<Int>) {
    var end = hit.end
    while end > range.lowerBound, text[end - 1] != 58 { end -= 1 }
    var start = end - 1
    while start > range.lowerBound, text[start - 1] != 58 { start -= 1 }
    if !SecretValue.isPlaceholder(text[start..<end - 1]) { hide(start..<end - 1, .password) }
  }

  /// snmpd.conf(5): communities, and the two pass phrases of a user.
  func lookAtSNMP(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    while start > range.lowerBound, !text[start - 1].isSpace, !text[start - 1].isQuote { start -= 1 }
    if text.hasIgnoringCase("com2sec", at: start) {
      let words = words(of: start..<range.upperBound).dropFirst().filter { text[$0.lowerBound] != 45 }
      if words.count >= 3, let last = words.last { hide(last, .password) }
    } else if text.hasIgnoringCase("createuser", at: start) {
      let words = words(of: start..<range.upperBound)
      for (index, word) in words.enumerated().dropLast() where index > 1 {
        let scheme = text.string(word.lowerBound..<min(word.upperBound, word.lowerBound + 8)).uppercased()
        if ["MD5", "SHA", "DES", "AES"].contains(where: scheme.hasPrefix) { hide(words[index + 1], .password) }
      }
    } else if text.hasIgnoringCase("rocommunity", at: start) || text.hasIgnoringCase("rwcommunity", at: start) {
      let end = text.run(from: hit.end, to: range.upperBound) { !$0.isSpace }
      if end - hit.end <= 1 { hideNext(after: end, in: range, .password) }
    } else {
      // `community "x"` and `community: x`.
      var position = text.skipBlanks(hit.end, to: range.upperBound)
      let isAssigned = text[position] == 58 || text[position] == 61
      if isAssigned { position = text.skipBlanks(position + 1, to: range.upperBound) }
      if isAssigned || text[position].isQuote, text.hasIgnoringCase("snmp", in: range) || !isAssigned {
        hideNext(after: position, in: range, .password)
      }
    }
  }

  /// `[104 117 …]`: bytes of a Secret as Go prints them.
  func lookAtNumbers(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    while start > range.lowerBound, text[start - 1].isDigit || text[start - 1] == 32 { start -= 1 }
    let end = text.run(from: hit.end, to: range.upperBound) { $0.isDigit || $0 == 32 }
    guard start >= covered, text[start - 1] == 91, text[start - 2] == 58, text[end] == 93 else { return }
    let before = range.lowerBound..<start
    guard text.contains("Secret", in: before) || text.contains("Data:", in: before) else { return }
    hide(start..<end, .secretData)
  }

  /// A text whose bytes are written as hexadecimal digits.
  func lookAtHexText(_ hit: Hit, in range: Range<Int>) {
    guard hit.end > line.lastRunEnd else { return }
    var start = hit.end
    while start > max(range.lowerBound, covered), text[start - 1].isHex { start -= 1 }
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isHex)
    line.lastRunEnd = end
    // A digit too many may stand before or after the words.
    for shift in 0...1 where end - start - shift >= 16 {
      let digits = Array(text[start + shift..<end])
      let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
        digits[$0].hexValue << 4 | digits[$0 + 1].hexValue
      }
      if holdsSecret(bytes) { return hide(start..<end, .encodedData) }
    }
  }

  /// `https%3A%2F%2Fuser%3Apassword%40host`.
  func lookAtEncodedURL(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: min(range.upperBound, hit.end + 600)) { !$0.isSpace && !$0.isQuote }
    guard let at = text.findIgnoringCase("%40", from: hit.end, to: end),
      let colon = text.findIgnoringCase("%3a", from: hit.end, to: at)
    else { return }
    let isOneHost = text.findIgnoringCase("%2f", from: hit.end, to: at) == nil
    if isOneHost, !SecretValue.isPlaceholder(text[colon + 3..<at]) { hide(colon + 3..<at, .password) }
  }

  /// `AUTH PLAIN …` of SMTP and IMAP.
  func lookAtPlainAuth(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isBase64)
    if end - hit.end >= 8, Base64.bytes(text[hit.end..<end]) != nil { hide(hit.end..<end, .authorization) }
  }

  /// `microk8s join 10.0.0.1:25000/TOKEN/…`.
  func lookAtMicroK8s(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isHex)
    if end - hit.end == 32 { hide(hit.end..<end, .token) }
  }

  /// `?code=…` of OAuth 2.0 (RFC 6749 section 4.1.2).
  func lookAtCode(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound) { $0.isBase64 || $0 == 37 || $0 == 46 || $0 == 126 }
    if SecretValue.isRandom(text[hit.end..<end], minimum: 16) { hide(hit.end..<end, .token) }
  }

  /// `kubectl create secret generic x --from-literal=name=value`.
  func lookAtLiteral(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    while text[start].isBlank || text[start].isQuote || text[start] == 61, start < range.upperBound { start += 1 }
    let end = text.run(from: start, to: range.upperBound) { !$0.isSpace }
    guard let equals = text.find(61, from: start, to: end) else { return }
    let mark = text[start - 1]
    let isQuoted = mark == 34 || mark == 39
    let last =
      isQuoted
      ? text.find(mark, from: equals, to: range.upperBound) ?? range.upperBound
      : text.run(from: equals, to: end) { !$0.isQuote }
    if text[equals + 1].isQuote, !isQuoted { return hideNext(after: equals + 1, in: range, .secretData) }
    if !SecretValue.isPlaceholder(text[equals + 1..<last]) { hide(equals + 1..<last, .secretData) }
  }

  /// Keys of PuTTY: so many lines follow.
  func lookAtPuTTY(_ hit: Hit, in range: Range<Int>) {
    if text.has("MAC", at: hit.end - 5) { return hideNext(after: hit.end, in: range, .privateKey) }
    state.keyLines = min(Int(text.string(hit.end..<min(range.upperBound, hit.end + 4))) ?? 0, 200)
  }

  /// Tokens of Telegram's bots: a number, then `:AA` and 33 more.
  func lookAtBotToken(_ hit: Hit, in range: Range<Int>) {
    guard text[hit.end - 37].isDigit else { return }
    hide(hit.end - 35..<text.run(from: hit.end, to: range.upperBound, while: \.isBase64), .token)
  }
}

extension Text {
  func hasIgnoringCase(_ word: StaticString, in range: Range<Int>) -> Bool {
    findIgnoringCase(word, from: range.lowerBound, to: range.upperBound) != nil
  }

  /// The first occurrence of a word in small letters, in either case.
  func findIgnoringCase(_ word: StaticString, from: Int, to: Int) -> Int? {
    var position = max(0, from)
    while position + word.utf8CodeUnitCount <= min(to, count) {
      if hasIgnoringCase(word, at: position) { return position }
      position += 1
    }
    return nil
  }
}

extension UInt8 {
  fileprivate var hexValue: UInt8 { isDigit ? self - 48 : (lowered & 15) + 9 }
}
