import PublicKeys

/// Private keys in PEM (RFC 7468), and what base64 hides.
extension SecretFinder {
  func lookAtPEM(_ hit: Hit, in range: Range<Int>) {
    guard text.has("-----BEGIN ", at: hit.end - 11) else { return }
    let begin = hit.end - 11
    guard let close = text.find("-----", from: hit.end, to: min(range.upperBound, hit.end + 64)) else { return }
    guard text.contains("PRIVATE KEY", in: hit.end..<close) || text.contains("tatic key", in: hit.end..<close) else {
      if keyText(close + 5..<range.upperBound).isEmpty { state.publicLines = 2000 }
      return
    }
    let body = close + 5
    if keyText(body..<range.upperBound).isEmpty {
      let isPlain = keyText(range).lowerBound == begin
      state.key = Continuation.Key(isPlain: isPlain)
      return
    }
    if text.has(Kind.markerStart, at: body) { return }
    if body < line.pemEndMissingFrom, let end = text.find("-----END ", from: body, to: range.upperBound) {
      let last = text.find("-----", from: end + 9, to: min(range.upperBound, end + 80)).map { $0 + 5 } ?? end + 9
      return replaceKey(begin..<last, Self.unescaped(text[body..<end]))
    }
    line.pemEndMissingFrom = min(line.pemEndMissingFrom, body)
    let last = text.run(from: body, to: range.upperBound) {
      $0.isBase64 || $0 == 92 || $0.isBlank || $0 == 58 || $0 == 44
    }
    hide(begin..<last, .privateKey)
  }

  /// The body of a key, without the escaped line feeds of JSON and YAML.
  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var wasSlash = false
    for byte in bytes {
      if byte == 92 {
        wasSlash = true
      } else if wasSlash, byte == 110 || byte == 114 || byte == 116 {
        wasSlash = false
      } else {
        wasSlash = false
        if byte.isBase64 { result.append(byte) }
      }
    }
    return result
  }

  /// Puts a key's digest in its place; `body` is base64.
  func replaceKey(_ range: Range<Int>, _ body: [UInt8]) {
    hide(range, .privateKey)
    guard let digest = Base64.bytes(body).flatMap(PublicKeyDigest.init(privateKey:)), !edits.isEmpty else { return }
    edits[edits.count - 1].replacement = Array("(hidden-private-key-\(digest.marker))".utf8)
  }

  /// The base64 body of the key that a value is, be it PEM or base64 of PEM.
  func innerKey(_ range: Range<Int>) -> [UInt8]? {
    guard range.count < 1 << 16 else { return nil }
    var slice = text[range]
    if text.has("LS0tLS1C", at: range.lowerBound), let decoded = Base64.bytes(slice) { slice = decoded[...] }
    return Self.keyBody(slice)
  }

  private static func keyBody(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    bytes.withUnsafeBytes { buffer in
      let text = Text(buffer)
      guard let label = text.find("PRIVATE KEY-----", from: 0, to: text.count),
        let end = text.find("-----END", from: label, to: text.count)
      else { return nil }
      return unescaped(text[label + 16..<end])
    }
  }

  /// A line of a private key; whether it is dealt with.
  func goOnKey(_ range: Range<Int>) -> Bool {
    guard var key = state.key else { return false }
    state.key = nil
    if let end = text.find("-----END ", from: range.lowerBound, to: range.upperBound) {
      endKey(key, at: end, in: range)
      return true
    }
    key.lines += 1
    guard key.lines < 600, key.body.count < 1 << 16 else { return false }
    if key.isPlain {
      guard takeKeyLine(keyText(range), &key) else { return false }
      state.key = key
      return true
    }
    let content = keyText(range)
    let end = content.upperBound
    var start = end
    while start > content.lowerBound, !text[start - 1].isSpace, !text[start - 1].isQuote { start -= 1 }
    let column = start - range.lowerBound
    let word = text[start..<end]
    let isBody = !word.isEmpty && word.allSatisfy(\.isBase64) && (word.count >= 40 || abs(column - key.column) <= 2)
    if isBody {
      key.body += word
      key.column = column
      hide(start..<end, .privateKey)
      countOnce(key.lines == 1)
    } else {
      key.misses += 1
    }
    if key.misses < 20 { state.key = key }
    return isBody
  }

  private func takeKeyLine(_ range: Range<Int>, _ key: inout Continuation.Key) -> Bool {
    let content = text[range]
    if content.isEmpty || SecretValue.contains(content, Kind.markerStart) { return true }
    let isHeader = ["Proc-Type:", "DEK-Info:", "Comment:", "Version:", "Hash:"].contains {
      content.starts(with: $0.utf8)
    }
    if isHeader { return true }
    guard content.allSatisfy(\.isBase64) else { return false }
    key.body += content
    hide(range, .privateKey)
    countOnce(key.body.count == content.count)
    return true
  }

  /// The lines of a key count as one secret.
  func countOnce(_ isFirst: Bool) {
    if !isFirst, !edits.isEmpty { edits[edits.count - 1].counts = false }
  }

  private func endKey(_ key: Continuation.Key, at end: Int, in range: Range<Int>) {
    let last = text.find("-----", from: end + 9, to: range.upperBound).map { $0 + 5 } ?? range.upperBound
    guard let digest = Base64.bytes(key.body).flatMap(PublicKeyDigest.init(privateKey:)) else { return }
    hide(end..<last, .privateKey)
    guard !edits.isEmpty else { return }
    edits[edits.count - 1].counts = false
    edits[edits.count - 1].replacement = Array(text[end..<last]) + Array(" (hidden-private-key-\(digest.marker))".utf8)
  }

  /// Base64 in which a word that names secrets stands.
  func lookAtEncodedWord(_ hit: Hit, in range: Range<Int>) {
    guard hit.end > line.lastRunEnd else { return }
    func isPart(_ byte: UInt8) -> Bool { byte.isBase64 && byte != 61 }
    var start = hit.end
    while start > max(range.lowerBound, covered), isPart(text[start - 1]) { start -= 1 }
    let end = text.run(from: hit.end, to: range.upperBound, while: isPart)
    let phase = Int(hit.id - Trigger.encodedWord.rawValue)
    // The last place before the word from which groups of four begin.
    let first = start + ((hit.end - phase - start) % 4 + 4) % 4
    let count = (end - first) % 4 == 1 ? end - first - 1 : end - first
    guard count >= 16, let decoded = Base64.bytes(text[first..<first + count], urlSafe: true) else { return }
    line.lastRunEnd = end
    guard let inner = innerEdits(decoded), !inner.isEmpty else { return }
    hide(first..<end, .encodedData)
    if SecretValue.contains(decoded[...], "BEGIN CERTIFICATE"), !edits.isEmpty {
      edits[edits.count - 1].replacement = Array(PublicKeys.Base64.text(applying(inner, to: decoded)).utf8)
    }
  }

  /// Base64 that begins as JSON, YAML, PEM or gzip do.
  func lookAtEncoded(_ hit: Hit, in range: Range<Int>) {
    guard hit.end > line.lastRunEnd else { return }
    let words: [StaticString] = [
      "YXBpVmVyc2lvb", "LS0tLS1C", "SDRzSU", "ewog", "ewoJ", "H4sI", "eyAg", "eyJ", "ewo", "ZXlK",
    ]
    guard let word = words.first(where: { text.has($0, at: hit.end - $0.utf8CodeUnitCount) }) else { return }
    let start = hit.end - word.utf8CodeUnitCount
    if text[start - 1].isAlphanumeric || text[start - 1] == 43 { return }
    var end = text.run(from: start, to: range.upperBound, while: \.isBase64)
    line.lastRunEnd = end
    if text[end] == 46, text.has("eyJ", at: start), end - start >= 10 {
      let last = text.run(from: end, to: range.upperBound) { $0.isBase64 || $0 == 46 }
      line.lastRunEnd = last
      if last - end > 4 { return hide(start..<last, .jwt) }
    }
    guard end - start >= 16 else { return }
    if text.has("H4sI", at: start) || text.has("SDRzSU", at: start) { return hide(start..<end, .encodedData) }
    while end > start, text[end - 1] == 61 { end -= 1 }
    let whole = start..<start + (end - start) / 4 * 4 + ((end - start) % 4 > 1 ? (end - start) % 4 : 0)
    guard let decoded = Base64.bytes(text[whole], urlSafe: true) else { return }
    guard let inner = innerEdits(decoded), !inner.isEmpty else { return }
    let isCertificate = SecretValue.contains(decoded[...], "BEGIN CERTIFICATE")
    if let body = Self.keyBody(decoded[...]), !isCertificate { return replaceKey(start..<line.lastRunEnd, body) }
    hide(start..<line.lastRunEnd, isCertificate ? .privateKey : .encodedData)
    if isCertificate, !edits.isEmpty {
      edits[edits.count - 1].replacement = Array(PublicKeys.Base64.text(applying(inner, to: decoded)).utf8)
    }
  }
}
