/// Formats that say by a place alone what is a password: no name stands beside it.
extension TriggerDatabase {
  static let places: [(trigger: Trigger, words: [String], isCaseless: Bool)] = [
    (.query, ["[?&;](key|hmac|assertion|signature|policy|sign)="], true),
    (.execution, ["[?&]command="], true),
    (.byteList, ["\\[([0-9]{2,3},?\\s){10}", "\\{(0x[0-9a-f]{2},\\s){8}"], true),
    (.accessList, ["user\\s\\S{1,64}\\s(on|off)\\s"], true),
    (.passwordFile, [":5432:", "\\*:\\*:\\*:"], true),
    (.hereString, ["<<<"], true),
    (.account, ["\\]:[0-9]{2,5}\\s"], true),
    (.thinURL, [":thin:", ":oci8?:"], true),
    (.quotedStars, ["\" \\* \"", "\"\\t\\*\\t\""], true),
    (.rancher, ["(token|kubeconfig)-[a-z0-9-]{1,40}:[a-z0-9]{54}"], false),
    (.form, ["form-data;"], true),
    (.loginPrompt, ["334 UGFzc3dvcmQ6"], false),
    (.chpasswd, ["chpasswd:", "chpasswd\\s{0,4}<<"], true),
    (.expect, ["expect\\s.{0,40}(assword|assphrase)"], true),
    (.send, ["send\\s{1,3}(--\\s)?[\"']"], true),
    (.vault, ["vault (kv put|kv patch|write|login) "], true),
    (.pin, ["pin[=:]\\s?[0-9]{4}"], true),
    (.encrypt, ["encrypt[\\\\]{0,7}[\"']?\\s{0,3}[:=]"], false),
    (.hexKey, ["HEX:[0-9A-F]{16}", " -K [0-9a-fA-F]{32}"], false),
    (.objectOfTokens, ["-oauth[\\\\]{0,7}\""], false),
    (.domainUser, ["-U\\s?[A-Za-z0-9_.]{1,40}%"], false),
    (.peerLogin, ["\\slogin=[a-z0-9]{1,40}:"], true),
    (.encodedKey, ["-----BEGIN%20", "-----BEGIN\\+"], false),
    (.escapedName, ["\\\\u00[67][0-9a-f]"], true),
    (.generated, ["random_password"], false),
    (.middle, ["v[1-4]\\.(local|public)\\.", "\\.atlasv1\\.", "telegram\\.org/bot[0-9]{5,12}:"], true),
  ]
}

extension SecretFinder {
  /// `?key=…` and the like: names that mean a secret only where the value looks like one.
  func lookAtParameter(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound) { $0.isBase64 || $0 == 37 || $0 == 46 || $0 == 126 }
    // A bare `signature` may be anything.
    if text.hasIgnoringCase("signature=", at: hit.end - 10), !text.contains("://", in: range) { return }
    if SecretValue.isRandom(text[hit.end..<end], minimum: 16) { hide(hit.end..<end, .token) }
  }

  /// `/exec?command=mysql&command=-psecret` of an audit event: the arguments of a command.
  func lookAtExecution(in range: Range<Int>) {
    guard !line.hasExecution else { return }
    line.hasExecution = true
    var words: [Range<Int>] = []
    var position = range.lowerBound
    while words.count < 100, let found = text.find("command=", from: position, to: range.upperBound) {
      let start = found + 8
      let end = text.run(from: start, to: range.upperBound) { !$0.isSpace && !$0.isQuote && $0 != 38 && $0 != 92 }
      // `sh -c "a b"` is one argument of several words.
      var word = start
      while word < end {
        let last = text.run(from: word, to: end) { $0 != 43 && $0 != 37 }
        if last > word { words.append(word..<last) }
        word = last + (text[last] == 37 ? 3 : 1)
      }
      position = end
    }
    let before = covered
    lookAtWords(words)
    covered = before
  }

  /// `[45 45 45 …]` and `{0x2d, 0x2d, …}`: bytes of a text as Go prints them.
  func lookAtByteList(_ hit: Hit, in range: Range<Int>) {
    guard hit.end > line.lastRunEnd else { return }
    func isPart(_ byte: UInt8) -> Bool { byte.isHex || byte == 32 || byte == 44 || byte == 120 }
    var start = hit.end
    while start > max(range.lowerBound, covered), isPart(text[start - 1]) { start -= 1 }
    let end = text.run(from: hit.end, to: range.upperBound, while: isPart)
    line.lastRunEnd = end
    let isHexadecimal = text[start - 1] == UInt8(ascii: "{")
    guard isHexadecimal || text[start - 1] == UInt8(ascii: "["), end - start < 1 << 18 else { return }
    var bytes: [UInt8] = []
    for word in text[start..<end].split(whereSeparator: { $0 == 32 || $0 == 44 }) {
      let digits = String(decoding: isHexadecimal ? word.dropFirst(2) : word, as: UTF8.self)
      guard let byte = UInt8(digits, radix: isHexadecimal ? 16 : 10) else { return }
      bytes.append(byte)
    }
    guard bytes.allSatisfy({ $0 >= 32 && $0 < 127 || $0 == 10 || $0 == 13 || $0 == 9 }) else { return }
    let before = max(range.lowerBound, start - 400)..<start
    let isSecret = text.contains("Secret", in: before) || text.contains("Data:", in: before)
    if isSecret || SecretValue.contains(bytes[...], "PRIVATE KEY") || holdsSecret(bytes) {
      hide(start..<end, .secretData)
    }
  }

  /// `user NAME on >PASSWORD #DIGEST` of Redis.
  ///
  /// - SeeAlso: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
  func lookAtAccessList(_ hit: Hit, in range: Range<Int>) {
    line.work += 1 << 12
    if line.work > 1 << 20 { return hide(hit.end..<range.upperBound, .secretData) }
    for word in words(of: hit.end..<range.upperBound) {
      let isPassword = text[word.lowerBound] == UInt8(ascii: ">") || text[word.lowerBound] == UInt8(ascii: "<")
      let isDigest = text[word.lowerBound] == UInt8(ascii: "#") && word.count == 65
      if isPassword || isDigest, word.count > 3 { hide(word.lowerBound + 1..<word.upperBound, .password) }
    }
  }

  /// `host:5432:database:user:password` of PostgreSQL's password file.
  ///
  /// - SeeAlso: https://www.postgresql.org/docs/current/libpq-pgpass.html
  func lookAtPasswordFile(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    let least = max(range.lowerBound, hit.end - 256)
    while start > least, !text[start - 1].isSpace, !text[start - 1].isQuote { start -= 1 }
    let end = text.run(from: hit.end, to: min(range.upperBound, hit.end + 512)) {
      !$0.isSpace && !$0.isQuote && $0 != 92
    }
    let fields = text[start..<end].split(separator: 58, maxSplits: 4, omittingEmptySubsequences: false)
    guard fields.count == 5, fields[0].count + fields[1].count > 0, let last = fields.last else { return }
    if last.count >= 3, !SecretValue.isPlaceholder(last) { hide(end - last.count..<end, .password) }
  }

  /// `[host]:587 user:password` of Postfix.
  func lookAtAccount(_ hit: Hit, in range: Range<Int>) {
    let start = text.skipBlanks(hit.end, to: range.upperBound)
    let end = text.run(from: start, to: range.upperBound) { !$0.isSpace && !$0.isQuote }
    guard let colon = text.find(58, from: start, to: end), text.find(64, from: start, to: colon) != nil else { return }
    if end - colon > 4, !SecretValue.isPlaceholder(text[colon + 1..<end]) { hide(colon + 1..<end, .password) }
  }

  /// `jdbc:oracle:thin:user/password@host`.
  func lookAtThinURL(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: min(range.upperBound, hit.end + 256)) { !$0.isSpace && !$0.isQuote }
    guard let slash = text.find(47, from: hit.end, to: end), slash > hit.end,
      let at = text.find(64, from: slash, to: end), !text[hit.end..<slash].contains(64)
    else { return }
    if !SecretValue.isPlaceholder(text[slash + 1..<at]) { hide(slash + 1..<at, .password) }
  }

  /// `token-abcde:…` and `kubeconfig-user-x:…` of Rancher.
  func lookAtRancher(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end
    while start > range.lowerBound, text[start - 1] != 58 { start -= 1 }
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isAlphanumeric)
    if end - start == 54 { hide(start..<end, .token) }
  }

  /// `Content-Disposition: form-data; name="password"`: its value is the next line but one.
  func lookAtForm(_ hit: Hit, in range: Range<Int>) {
    guard let start = text.find("name=", from: hit.end, to: min(range.upperBound, hit.end + 200)),
      let inner = quoted(at: start + 5, to: min(range.upperBound, hit.end + 300)), let name = secretName(text[inner])
    else { return }
    state.nextLine = Continuation.NextLine(kind: name.kind, lines: 4)
  }

  /// `send "…\r"` of expect(1).
  func lookAtSend(_ hit: Hit, in range: Range<Int>) {
    guard state.sendLines > 0, let inner = quoted(at: hit.end - 1, to: range.upperBound) else { return }
    var end = inner.upperBound
    while end - inner.lowerBound > 1, text[end - 2] == 92, text[end - 1] == 110 || text[end - 1] == 114 { end -= 2 }
    if end > inner.lowerBound, !SecretValue.isPlaceholder(text[inner.lowerBound..<end]) {
      hide(inner.lowerBound..<end, .password)
    }
  }

  /// `vault kv put secret/x a=b c=d`: every value is a secret; `vault login x`.
  func lookAtVault(_ hit: Hit, in range: Range<Int>) {
    line.work += 1 << 14
    if line.work > 1 << 20 { return hide(hit.end..<range.upperBound, .secretData) }
    let isLogin = text.has("login ", at: hit.end - 6)
    for (index, word) in words(of: hit.end..<range.upperBound).enumerated() where text[word.lowerBound] != 45 {
      if isLogin, index == 0, !text[word].contains(61) { hide(word, .token) }
      guard let equals = text.find(61, from: word.lowerBound, to: word.upperBound), text[equals + 1] != 64 else {
        continue
      }
      let start = text[equals + 1].isQuote ? equals + 2 : equals + 1
      if !SecretValue.isPlaceholder(text[start..<word.upperBound]) { hide(start..<word.upperBound, .secretData) }
    }
  }

  /// `PIN=1234`.
  func lookAtPIN(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isDigit)
    var start = end
    while start > range.lowerBound, text[start - 1].isDigit { start -= 1 }
    let name = text[start - 1].isBlank ? start - 5 : start - 4
    if end - start <= 12, !text[end].isAlphanumeric, text[end] != 46, !text[name - 1].isAlphanumeric {
      hide(start..<end, .password)
    }
  }

  /// Tokens that are told by something in their middle.
  func lookAtMiddle(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound, while: \.isBase64)
    if end - hit.end >= 24 { hide(hit.end..<end, .token) }
  }

  /// `kinit joe <<< secret`: what a command gets to read that asks for a password.
  func lookAtHereString(_ hit: Hit, in range: Range<Int>) {
    line.work += 1 << 12
    if line.work > 1 << 20 { return hide(hit.end..<range.upperBound, .secretData) }
    let start = text.skipBlanks(hit.end, to: range.upperBound)
    let inner = quoted(at: start, to: range.upperBound)
    let value = inner ?? start..<text.run(from: start, to: range.upperBound) { !$0.isSpace && $0 != 34 && $0 != 92 }
    let words: [StaticString] = ["login", "passw", "token", "stdin", "kinit", "cryptsetup", "sudo", "secret", "auth"]
    let before = max(range.lowerBound, hit.end - 200)..<hit.end
    let isRead = words.contains { text.hasIgnoringCase($0, in: before) }
    guard isRead || SecretValue.isRandom(text[value]), !SecretValue.isPlaceholder(text[value]) else { return }
    if text[value.lowerBound] != 36 { hide(value, .password) }
  }
}

// MARK: - In later lines

extension SecretFinder {
  /// The line in which an announced value stands; blank ones may come before.
  func goOnNextLine(_ range: Range<Int>) {
    guard let next = state.nextLine else { return }
    let content = keyText(range)
    state.nextLine =
      content.isEmpty && next.lines > 1
      ? Continuation.NextLine(kind: next.kind, lines: next.lines - 1, onlyMixed: next.onlyMixed) : nil
    if next.onlyMixed {
      let word = text[content]
      guard SecretValue.isMixed(word) || (word.count >= 24 && word.allSatisfy(\.isHex)) else { return }
    }
    guard !content.isEmpty, text[content.lowerBound] != 60, !text.has("--", at: content.lowerBound) else { return }
    if !SecretValue.isPlaceholder(text[content]) { hide(content, next.kind) }
  }

  /// `user:password` below `chpasswd`; true where it is one.
  func goOnAccounts(_ range: Range<Int>, _ accounts: Continuation.Accounts) -> Bool {
    var first = text.skipBlanks(range.lowerBound, to: range.upperBound)
    let column = first - range.lowerBound
    let isItem = text[first] == 45 && text[first + 1].isBlank
    if isItem { first = text.skipBlanks(first + 1, to: range.upperBound) }
    if accounts.lines == 0 || (first < range.upperBound && column <= accounts.indent && !isItem) {
      state.accounts = nil
      return false
    }
    state.accounts = Continuation.Accounts(indent: accounts.indent, lines: accounts.lines - 1)
    if text[first].isQuote { first += 1 }
    let colon = text.run(from: first, to: range.upperBound) { $0.isKey }
    if accounts.indent < 0, colon >= range.upperBound { state.accounts = nil }
    guard text[colon] == 58, colon > first, colon + 1 < range.upperBound, !text[colon + 1].isSpace else { return false }
    let end = text.run(from: colon + 1, to: range.upperBound) { !$0.isSpace && !$0.isQuote && $0 != 92 }
    if !SecretValue.isPlaceholder(text[colon + 1..<end]), text[colon + 1..<end] != [82] {
      hide(colon + 1..<end, .password)
    }
    return true
  }

  /// The items of a list whose name stands above: `tokens = [`; to its end.
  func goOnList(_ range: Range<Int>, _ list: Continuation.List) {
    state.list =
      list.lines > 1
      ? Continuation.List(kind: list.kind, onlyRandom: list.onlyRandom, lines: list.lines - 1, close: list.close) : nil
    var position = text.skipBlanks(range.lowerBound, to: range.upperBound)
    while position < range.upperBound {
      if text[position] == list.close || text[position] == UInt8(ascii: "{") {
        state.list = nil
        return
      }
      guard let inner = quoted(at: position, to: range.upperBound) else {
        position += 1
        continue
      }
      let value = text[inner]
      if !SecretValue.isPlaceholder(value), !list.onlyRandom || SecretValue.isMixed(value) || SecretValue.isUUID(value)
      {
        hide(inner, list.kind)
      }
      position = inner.upperBound + 1
    }
  }
}
