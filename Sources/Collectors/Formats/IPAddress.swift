/// An IPv4 or IPv6 address.
///
/// - SeeAlso: RFC 4291 section 2.2, RFC 5952
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 bytes, in network order.
  let bytes: [UInt8]

  /// Nil where `bytes` are neither 4 nor 16.
  init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let mapped = bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    self.bytes = mapped ? Array(bytes.suffix(4)) : bytes
  }

  /// Reads an address as people write it; a zone (`%eth0`) and brackets are dropped.
  init?(_ text: String) {
    guard text.utf8.count <= 64 else { return nil }
    var part = text[...]
    if part.hasPrefix("["), part.hasSuffix("]") { part = part.dropFirst().dropLast() }
    if let zone = part.firstIndex(of: "%") { part = part[..<zone] }
    guard let bytes = part.contains(":") ? Self.sixteen(part) : Self.four(part) else { return nil }
    self.init(bytes: bytes)
  }

  private static func four(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(part)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func sixteen(_ text: Substring) -> [UInt8]? {
    var words = text.split(separator: ":", maxSplits: 10, omittingEmptySubsequences: false)
    guard words.count >= 3, words.count <= 9 else { return nil }
    if words[0].isEmpty {
      guard words[1].isEmpty else { return nil }
      words.removeFirst()
    }
    if words.last?.isEmpty == true, words.count > 1, words[words.count - 2].isEmpty { words.removeLast() }
    var head: [UInt8] = []
    var tail: [UInt8] = []
    var gap = false
    for (index, word) in words.enumerated() {
      if word.isEmpty {
        if gap { return nil }
        gap = true
        continue
      }
      var pair: [UInt8]
      if word.contains(".") {
        guard index == words.count - 1, let bytes = four(word) else { return nil }
        pair = bytes
      } else {
        guard word.utf8.count <= 4, word.first?.isHexDigit == true, let value = UInt16(word, radix: 16)
        else { return nil }
        pair = [UInt8(value >> 8), UInt8(value & 255)]
      }
      if gap { tail += pair } else { head += pair }
    }
    let count = head.count + tail.count
    guard gap ? count < 16 : count == 16 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - count) + tail
  }

  var isIPv4: Bool { bytes.count == 4 }

  /// Whether it stays on the host.
  var isLoopback: Bool { isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }

  /// Whether it means "all addresses".
  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  /// Whether it holds on one link only.
  var isLinkLocal: Bool {
    isIPv4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
  }

  /// Whether the internet could route it (RFC 1918, RFC 6598 and RFC 4193 addresses are private).
  var isPublic: Bool {
    if isLoopback || isUnspecified || isLinkLocal { return false }
    if !isIPv4 { return bytes[0] & 0xe0 == 0x20 }
    switch (bytes[0], bytes[1]) {
    case (0, _), (10, _), (224..., _), (172, 16...31), (192, 168), (100, 64...127), (198, 18...19): return false
    default: return true
    }
  }

  var description: String {
    if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
    let words = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, words[end] == 0 { end += 1 }
      if end - start > best.count, end - start > 1 { best = start..<end }
      start = max(end, start + 1)
    }
    func hex(_ range: Range<Int>) -> String { words[range].map { String($0, radix: 16) }.joined(separator: ":") }
    return best.isEmpty ? hex(0..<8) : hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
  }
}

/// An address range such as `10.244.0.0/16` (RFC 4632).
struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
  /// The first address.
  let base: IPAddress
  let length: Int

  /// Nil where the length does not fit the address.
  init?(_ address: IPAddress, length: Int) {
    guard length >= 0, length <= address.bytes.count * 8 else { return nil }
    let bytes = address.bytes.enumerated().map { index, byte in
      let bits = min(8, max(0, length - index * 8))
      return byte & (bits == 0 ? 0 : UInt8(truncatingIfNeeded: 0xff00 >> bits))
    }
    guard let base = IPAddress(bytes: bytes) else { return nil }
    self.base = base
    self.length = length
  }

  /// Reads `address/length`.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]) else { return nil }
    self.init(address, length: length)
  }

  func contains(_ address: IPAddress) -> Bool {
    address.bytes.count == base.bytes.count && IPNetwork(address, length: length)?.base == base
  }

  func overlaps(_ other: IPNetwork) -> Bool { contains(other.base) || other.contains(base) }

  var description: String { "\(base)/\(length)" }
}

/// The host of `text`, which is a URL, `host:port`, `[v6]:port` or a bare address.
func hostPart(of text: String) -> String {
  var part = text[...]
  if let scheme = text.firstRange(of: "://") { part = part[scheme.upperBound...] }
  part = part.prefix { $0 != "/" }
  if part.hasPrefix("[") { return String(part.dropFirst().prefix { $0 != "]" }) }
  if part.count(where: { $0 == ":" }) == 1 { part = part.prefix { $0 != ":" } }
  return String(part)
}
