import PublicKeys

/// Base64 that is read for its content only.
enum Base64 {
  static func bytes(_ text: some Sequence<UInt8>, urlSafe: Bool = false) -> [UInt8]? {
    PublicKeys.Base64.bytes(text, urlSafe: urlSafe)
  }

  static func text(_ bytes: [UInt8]) -> [UInt8] { Array(PublicKeys.Base64.text(bytes).utf8) }

  /// The content of a short base64 text that is printable.
  static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count >= 4, text.count <= 4096, let bytes = bytes(text, urlSafe: true) else { return nil }
    return bytes.allSatisfy { $0 >= 32 && $0 != 127 } ? bytes : nil
  }
}

/// Secrets that tell themselves by their shape.
extension SecretFinder {
  func lookAtPrefix(_ hit: Hit, in range: Range<Int>) {
    let index = Int(hit.id - Trigger.prefix.rawValue)
    guard index < TokenPrefix.all.count else { return }
    let prefix = TokenPrefix.all[index]
    let start = hit.end - prefix.text.utf8.count
    if prefix.kind != .hash, text[start - 1].isAlphanumeric, text[start - 2] != 92 { return }
    let others = Array(prefix.others.utf8)
    var end = text.run(from: hit.end, to: range.upperBound) { $0.isAlphanumeric || others.contains($0) }
    while end > hit.end, text[end - 1] == 46 || text[end - 1] == 44 { end -= 1 }
    guard end - hit.end >= prefix.minimum else { return }
    if prefix.text == "AKIA" || prefix.text == "ASIA", text[hit.end..<end].contains(where: \.isLower) { return }
    if prefix.minimum == 55, text[hit.end..<end].contains(where: \.isLower) { return }
    hide(start..<end, prefix.kind)
    if prefix.kind == .accessKey { hideSecondHalf(after: end, in: range) }
  }

  /// The 40 characters that belong to an access key: `AKIA…:…`.
  private func hideSecondHalf(after end: Int, in range: Range<Int>) {
    guard ":/,;| ".utf8.contains(text[end]) else { return }
    let start = text.skipBlanks(end + 1, to: range.upperBound)
    let last = text.run(from: start, to: range.upperBound, while: \.isBase64)
    if last - start == 40, SecretValue.isVeryRandom(text[start..<last]) { hide(start..<last, .accessKey) }
  }

  func lookAtBearer(_ hit: Hit, in range: Range<Int>) {
    if text[hit.end - 8].isAlphanumeric { return }
    let start = text.skipBlanks(hit.end, to: range.upperBound)
    let end = text.run(from: start, to: range.upperBound) { $0.isBase64 || $0 == 46 || $0 == 126 }
    if end > start, SecretValue.isRandom(text[start..<end]) { hide(start..<end, .token) }
  }

  func lookAtBasic(_ hit: Hit, in range: Range<Int>) {
    let start = text.skipBlanks(hit.end, to: range.upperBound)
    let end = text.run(from: start, to: range.upperBound, while: \.isBase64)
    if let decoded = Base64.decoded(text[start..<end]), decoded.contains(58) { hide(start..<end, .authorization) }
  }

  /// `scheme://user:password@host` (RFC 3986 section 3.2.1).
  func lookAtURL(_ hit: Hit, in range: Range<Int>) {
    let start = hit.end
    let end = min(range.upperBound, start + 600)
    var colon: Int?
    var at: Int?
    var position = start
    scan: while position < end {
      switch text[position] {
      case 0...32, 34, 39, 60, 62, 96: break scan
      case UInt8(ascii: ":") where colon == nil: colon = position
      case UInt8(ascii: "@"): at = position
      case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"):
        guard at == nil, let colon, !text[colon + 1..<position].allSatisfy(\.isDigit) else { break scan }
      default: break
      }
      position += 1
    }
    guard let at, !text.has("@sha256", at: at) else { return }
    let user = start..<min(colon ?? at, at)
    if let colon, colon < at, !SecretValue.isPlaceholder(text[colon + 1..<at]) { hide(colon + 1..<at, .password) }
    if user.count >= 16, SecretValue.isRandom(text[user]), !SecretValue.isPlaceholder(text[user]) { hide(user, .token) }
  }

  /// `user:password@tcp(host)`, as Go's MySQL driver writes it.
  func lookAtDataSource(_ hit: Hit, in range: Range<Int>) {
    var at = hit.end - 1
    while at > hit.end - 8, text[at] != 64 { at -= 1 }
    var start = at
    let least = max(range.lowerBound, at - 256)
    while start > least, !text[start - 1].isSpace, !text[start - 1].isQuote { start -= 1 }
    guard text[at] == 64, let colon = text.find(58, from: start, to: at) else { return }
    if !SecretValue.isPlaceholder(text[colon + 1..<at]) { hide(colon + 1..<at, .password) }
  }

  /// `abcdef.0123456789abcdef`: the first part is public.
  ///
  /// - SeeAlso: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
  func lookAtBootstrapToken(_ hit: Hit, in range: Range<Int>) {
    let start = hit.end - 23
    guard start >= range.lowerBound else { return }
    let (before, after) = (text[start - 1], text[hit.end])
    if before.isKey && !(before == 110 && text[start - 2] == 92) || before == 47 { return }
    if after.isAlphanumeric || after == 45 || after == 95 || (after == 46 && text[hit.end + 1].isAlphanumeric) {
      return
    }
    let half = text[start + 7..<hit.end]
    let isDoubtful = half.allSatisfy(\.isHex) || !half.contains(where: \.isDigit)
    if isDoubtful {
      // An event's name looks the same: node-1.17c5a0b2f0c3d4e5.
      let near = max(range.lowerBound, start - 200)..<min(range.upperBound, hit.end + 100)
      let words: [StaticString] = ["token", "Token", "TOKEN", " join ", "bootstrap", "authentication,"]
      guard words.contains(where: { text.contains($0, in: near) }) else { return }
    }
    hide(start + 7..<hit.end, .bootstrapToken)
  }

  func lookAtRun(_ hit: Hit, length: Int, _ kind: Kind) {
    let start = hit.end - length
    if !text[start - 1].isAlphanumeric, text[start - 1] != 47 { hide(start..<hit.end, kind) }
  }

  /// Client secrets of Microsoft Entra: three characters, a digit, `Q~` and 31 to 34 more.
  func lookAtTilde(_ hit: Hit, in range: Range<Int>) {
    func isPart(_ byte: UInt8) -> Bool { byte.isKey || byte == 126 }
    var start = hit.end - 3
    while start > range.lowerBound, hit.end - start < 8, isPart(text[start - 1]) { start -= 1 }
    let end = text.run(from: hit.end, to: min(range.upperBound, hit.end + 64), while: isPart)
    if end - hit.end >= 25 { hide(start..<end, .credential) }
  }

  /// The rest of a part of a URL.
  func lookAtQuery(_ hit: Hit, in range: Range<Int>) {
    let end = text.run(from: hit.end, to: range.upperBound) {
      !$0.isSpace && !$0.isQuote && !"&<>\\;".utf8.contains($0)
    }
    // A bare `signature` may be anything; that of a signed URL says when it expires.
    let isSigned =
      !text.hasIgnoringCase("signature=", at: hit.end - 10) || text.hasIgnoringCase("expires=", in: range)
    if end - hit.end >= 8, isSigned, !SecretValue.isPlaceholder(text[hit.end..<end]) { hide(hit.end..<end, .token) }
  }

  /// Join tokens of k3s and RKE2: the digest of the authority, then the secret.
  func lookAtClusterToken(_ hit: Hit, in range: Range<Int>) {
    let start = text.run(from: hit.end, to: range.upperBound, while: \.isHex)
    guard text[start] == 58 || text[start] == 46 else { return }
    let end = text.run(from: start, to: range.upperBound) { !$0.isSpace && !$0.isQuote && !"\\,<".utf8.contains($0) }
    let secret = text.has("::", at: start) ? start + 2 : start + 1
    if end > secret, !SecretValue.isPlaceholder(text[secret..<end]) { hide(secret..<end, .token) }
  }

  /// A key as JSON (RFC 7517).
  func lookAtJSONKey(_ hit: Hit, in range: Range<Int>) {
    guard !line.hasObjects else { return }
    var position = range.lowerBound
    while position < range.upperBound {
      guard text[position] == 34, let name = quoted(at: position, to: range.upperBound) else {
        position += 1
        continue
      }
      position = name.upperBound + 1
      guard
        ["d", "p", "q", "dp", "dq", "qi", "k"].contains(
          text.string(name.lowerBound..<min(name.upperBound, name.lowerBound + 3)))
      else { continue }
      let colon = text.skipBlanks(position, to: range.upperBound)
      let start = text.skipBlanks(colon + 1, to: range.upperBound)
      guard text[colon] == 58, let value = quoted(at: start, to: range.upperBound) else { continue }
      if value.count >= 16, !SecretValue.isPlaceholder(text[value]) { hide(value, .privateKey) }
      position = value.upperBound + 1
    }
  }
}
