/// HTTP headers and certificate keys.
extension SecretFinder {
  private static let schemes: Set<String> = [
    "bearer", "basic", "token", "digest", "negotiate", "ntlm", "apikey", "api-key", "aws4-hmac-sha256", "hmac",
    "hawk", "oauth", "sharedkey", "sharedaccesssignature", "key", "gitlab-token", "splunk",
  ]

  /// The value of `Authorization` or `Cookie`: up to the quote or the end of the line.
  func takeHeader(_ context: ValueContext) {
    let end = context.place.line.upperBound
    var start = context.start
    if text[start] == UInt8(ascii: "[") || text[start] == UInt8(ascii: "{") {
      start = text.skipBlanks(start + 1, to: end)
    }
    if let inner = quoted(at: start, to: end) { return takeHeader(inner, context, isSure: true) }
    let last = text.run(from: start, to: end) { !$0.isQuote && $0 != 92 && $0 != UInt8(ascii: "]") && $0 != 0 }
    takeHeader(start..<last, context, isSure: false)
  }

  private func takeHeader(_ range: Range<Int>, _ context: ValueContext, isSure: Bool) {
    let value = text[range]
    line.lookedAt += range.count
    guard !SecretValue.isPlaceholder(value) else { return }
    if context.place.name.meaning == .cookie {
      let isErlang = value.count >= 16 && value.allSatisfy(\.isUpper)
      if isErlang || value.contains(61) || (SecretValue.isRandom(value) && !value.contains(32)) { hide(range, .cookie) }
      return
    }
    let first = text.run(from: range.lowerBound, to: range.upperBound) { !$0.isBlank && $0 != UInt8(ascii: "%") }
    let word = String(decoding: text[range.lowerBound..<first].map(\.lowered), as: UTF8.self)
    if Self.schemes.contains(word) {
      var next = text.skipBlanks(first, to: range.upperBound)
      if text.has("%20", at: next) { next += 3 }
      var last = range.upperBound
      if !isSure, word == "digest" || word == "oauth" || word == "hawk" { last = endOfParameters(next, context) }
      if !isSure, ["bearer", "basic", "token", "apikey", "key"].contains(word) {
        last = text.run(from: next, to: last) { !$0.isSpace && $0 != UInt8(ascii: ",") }
      }
      if !SecretValue.isPlaceholder(text[next..<last]) { hide(next..<last, .authorization) }
      return
    }
    let isOneWord = first >= range.upperBound
    let isSecret = SecretValue.isRandom(text[range.lowerBound..<first]) || (isSure && isOneWord && value.count >= 16)
    if isSecret { hide(range.lowerBound..<(isSure ? range.upperBound : first), .authorization) }
  }

  /// The end of `name="value", name=value` (RFC 9110 section 11.4).
  private func endOfParameters(_ start: Int, _ context: ValueContext) -> Int {
    let end = context.place.line.upperBound
    var position = start
    var last = start
    while position < end {
      let name = text.run(from: position, to: end, while: \.isKey)
      guard name > position, text[name] == 61 else { break }
      if let inner = quoted(at: name + 1, to: end) {
        let slashes = text.run(from: inner.upperBound, to: end) { $0 == 92 } - inner.upperBound
        last = inner.upperBound + slashes + 1
      } else {
        last = text.run(from: name + 1, to: end) { !$0.isSpace && $0 != 44 && !$0.isQuote }
      }
      position = text.skipBlanks(text[last] == 44 ? last + 1 : last, to: end)
    }
    return min(last, end)
  }

  /// kubeadm's `--certificate-key`: 64 hexadecimal digits on this line or the next.
  func lookAtCertificateKey(_ place: NamePlace) {
    if !hideCertificateKey(in: place.range.upperBound..<place.line.upperBound) {
      let rest = text.skipBlanks(place.range.upperBound, to: place.line.upperBound)
      if rest + 2 >= place.line.upperBound { state.certificateKeyLines = 2 }
    }
  }

  /// Hides a word of 64 hexadecimal digits; `kubeadm init` prints one below the words `certificate key:`.
  @discardableResult
  func hideCertificateKey(in range: Range<Int>) -> Bool {
    var position = range.lowerBound
    let end = min(range.upperBound, range.lowerBound + 400)
    while position < end {
      let last = text.run(from: position, to: range.upperBound, while: \.isHex)
      if last - position == 64, !text[last].isAlphanumeric, !text[position - 1].isAlphanumeric, text[position - 1] != 58
      {
        hide(position..<last, .certificateKey)
        return true
      }
      position = max(last, position + 1)
    }
    return false
  }
}
