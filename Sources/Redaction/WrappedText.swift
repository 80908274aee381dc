import Glibc

/// Base64 that is wrapped over lines without a headline: the rest of a private key whose begin was rotated away, or what
/// `base64` prints of a kubeconfig.
extension SecretFinder {
  /// The lines that end in a long run of base64, as hits in the order of their ends.
  func wrappedLines() -> [Hit] {
    guard let base = text.base, !form.isConfiguration else { return [] }
    let count = text.count
    var hits: [Hit] = []
    var position = 0
    while position < count {
      var end = count
      if let found = memchr(base + position, 10, count - position) { end = UnsafeRawPointer(base).distance(to: found) }
      if end - position >= 60 {
        // Docker's json-file driver puts other fields after the message.
        if base[position] == 123 {
          if let content = text.frame(of: position..<end)?.content, isWrapped(content) {
            hits.append(Hit(id: Trigger.wrapped.rawValue, end: content.upperBound))
          }
        } else if mayBeWrapped(base + position, end - position), isWrapped(position..<end) {
          hits.append(Hit(id: Trigger.wrapped.rawValue, end: end - (text[end - 1] == 13 ? 1 : 0)))
        }
      }
      position = end + 1
    }
    return hits
  }

  /// How long a line of wrapped base64 is: 64 in PEM (RFC 7468), 70 in keys of OpenSSH, 76 in MIME (RFC 2045).
  private static let wrapped = 60...80

  /// Most lines are told from a few places.
  @inline(__always) private func mayBeWrapped(_ line: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var last = count
    // Blanks, quotes, commas and slashes may follow.
    while last > 60, line[last - 1] < 35 || line[last - 1] == 39 || line[last - 1] == 44 || line[last - 1] == 92 {
      last -= 1
    }
    return last > 59 && isPlainBase64(line[last - 20]) && isPlainBase64(line[last - 40])
      && isPlainBase64(line[last - 58])
  }

  private func isWrapped(_ line: Range<Int>) -> Bool {
    let last = endOfKeyText(line)
    var start = last
    let least = max(line.lowerBound, last - Self.wrapped.upperBound - 1)
    while start > least, isPlainBase64(text[start - 1]) { start -= 1 }
    return Self.wrapped.contains(last - start) && isMixed(start..<last)
  }

  @inline(__always) private func isPlainBase64(_ byte: UInt8) -> Bool {
    (byte | 32) &- 97 < 26 || byte &- 48 < 10 || byte == 43 || byte == 47 || byte == 61
  }

  /// Whether capitals, small letters and digits take turns as they do in no digest, path or word.
  private func isMixed(_ range: Range<Int>) -> Bool {
    // Digests are the most frequent: they have no capitals.
    guard (range.lowerBound..<range.lowerBound + 16).contains(where: { text[$0].isUpper }) else { return false }
    func kind(_ byte: UInt8) -> Int { byte.isDigit ? 0 : byte.isUpper ? 1 : byte.isLower ? 2 : 3 }
    let turns = range.count { $0 > range.lowerBound && kind(text[$0]) != kind(text[$0 - 1]) }
    return turns * 4 >= range.count && text[range].contains(where: \.isDigit) && text[range].contains(where: \.isLower)
  }

  /// A line of base64 that no headline announced.
  func lookAtWrapped(_ hit: Hit, in range: Range<Int>) {
    guard state.publicLines == 0 else { return }
    let content = keyText(range)
    var start = content.upperBound
    while start > range.lowerBound, isPlainBase64(text[start - 1]) { start -= 1 }
    let count = content.upperBound - start
    let standsAlone = start <= content.lowerBound || text[start - 1] == 116 && text[start - 2] == 92
    guard standsAlone || text[start - 1].isBlank && [64, 70, 76].contains(count) else { return }
    hide(start..<content.upperBound, .encodedData)
    countOnce(!state.wraps)
    state.wraps = true
  }

  /// The last, shorter line of wrapped base64.
  func goOnWrapped(_ range: Range<Int>) {
    state.wraps = false
    let content = keyText(range)
    guard content.count < Self.wrapped.lowerBound, SecretValue.isBase64(text[content]) else {
      state.wraps = content.count >= Self.wrapped.lowerBound && isWrapped(range)
      return
    }
    hide(content, .encodedData)
    countOnce(false)
  }

  /// A line without the blanks, quotes and escapes that formats put around a line of a key.
  func keyText(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    let end = range.upperBound
    while start < end {
      if text[start].isBlank || text[start].isQuote {
        start += 1
      } else if text[start] == 92, "nrt".utf8.contains(text[start + 1]), start + 1 < end {
        start += 2
      } else if text[start] == 92 {
        start += 1
      } else {
        break
      }
    }
    return start..<endOfKeyText(start..<end)
  }

  private func endOfKeyText(_ range: Range<Int>) -> Int {
    let start = range.lowerBound
    var end = range.upperBound
    while end > start {
      let byte = text[end - 1]
      if byte.isSpace || byte.isQuote || byte == 92 || byte == 44 {
        end -= 1
      } else if end - start > 1, text[end - 2] == 92, "nrt".utf8.contains(byte) {
        end -= 2
      } else {
        break
      }
    }
    return end
  }
}
