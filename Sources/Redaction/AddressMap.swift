import PublicKeys

/// Replaces addresses so that subnets stay subnets: two addresses share as many leading bits after as before.
///
/// Each bit is flipped or not by a keyed function of the bits before it. The bits that tell what an address is for stay:
/// a public address stays public, a private one in its range; loopback, multicast and the like stay as they are.
/// - SeeAlso: J. Fan et al., Prefix-preserving IP address anonymization (Crypto-PAn); RFC 6890
struct AddressMap {
  private let seed: [UInt8]

  init(seed: [UInt8]) { self.seed = seed }

  private struct Special {
    let bits: [UInt8]
    let length: Int
    /// Whether what follows stays as well.
    let isFixed: Bool
  }

  private static let special4: [Special] = [
    Special(bits: [0], length: 8, isFixed: true), Special(bits: [10], length: 8, isFixed: false),
    Special(bits: [100, 64], length: 10, isFixed: false), Special(bits: [127], length: 8, isFixed: true),
    Special(bits: [169, 254], length: 16, isFixed: true), Special(bits: [172, 16], length: 12, isFixed: false),
    Special(bits: [192, 0, 0], length: 24, isFixed: true), Special(bits: [192, 0, 2], length: 24, isFixed: false),
    Special(bits: [192, 168], length: 16, isFixed: false), Special(bits: [198, 18], length: 15, isFixed: false),
    Special(bits: [198, 51, 100], length: 24, isFixed: false),
    Special(bits: [203, 0, 113], length: 24, isFixed: false),
    Special(bits: [224], length: 3, isFixed: true),
  ]

  private static let special6: [Special] = [
    Special(bits: [UInt8](repeating: 0, count: 8), length: 64, isFixed: true),
    Special(bits: [0xfc], length: 8, isFixed: false), Special(bits: [0xfd], length: 8, isFixed: false),
    Special(bits: [0xfe, 0x80, 0, 0, 0, 0, 0, 0], length: 64, isFixed: false),
    Special(bits: [0xff], length: 8, isFixed: true),
    Special(bits: [0x20, 0x01, 0x0d, 0xb8], length: 32, isFixed: false),
    Special(bits: [0x20], length: 3, isFixed: false),
  ]

  /// The stand-in of an address of 4 or 16 bytes.
  ///
  /// - Parameter length: the prefix that the address stands for; the bits behind it become 0, if they were.
  func standIn(for address: [UInt8], length: Int? = nil) -> [UInt8] {
    if address.count == 16, let inner = embedded(address) {
      return Array(address.prefix(12)) + standIn(for: inner, length: length.map { max(0, $0 - 96) })
    }
    let specials = address.count == 4 ? Self.special4 : Self.special6
    var result = address
    var kept = 0
    if let own = specials.filter({ Self.shares($0.length, $0.bits, address) }).max(by: { $0.length < $1.length }) {
      if own.isFixed { return address }
      kept = own.length
    } else if address.count == 16 {
      return address
    }
    let bits = address.count * 8
    var isFirst = true
    var block: [UInt8] = []
    for bit in kept..<bits {
      // Where a special range branches off, nothing may move into it or out of it.
      if specials.contains(where: { $0.length > bit && Self.shares(bit, $0.bits, address) }) { continue }
      var flips = isFirst
      if !isFirst {
        if block.isEmpty || bit % 8 == 0 || bit == kept + 1 { block = keyed(prefix: address, bits: bit & ~7) }
        flips = Self.flip(block, address, bit)
      }
      isFirst = false
      if address.count == 4, bit >= 24, Self.isEdge(address[3], bit - 24) { flips = false }
      if flips { result[bit / 8] ^= 0x80 >> UInt8(bit % 8) }
    }
    if let length, length < bits, Self.isZero(address, from: length) { Self.clear(&result, from: length) }
    return result
  }

  /// The address in an IPv4-mapped or a NAT64 one (RFC 4291 section 2.5.5.2, RFC 6052).
  private func embedded(_ address: [UInt8]) -> [UInt8]? {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
    return address.starts(with: mapped) || address.starts(with: translated) ? Array(address.suffix(4)) : nil
  }

  /// The first and the last address of 256 stay so: networks and broadcasts.
  private static func isEdge(_ octet: UInt8, _ bits: Int) -> Bool {
    let high = bits == 0 ? 0 : Int(octet) >> (8 - bits)
    return high == 0 || high == (1 << bits) - 1
  }

  private static func shares(_ length: Int, _ bits: [UInt8], _ address: [UInt8]) -> Bool {
    for index in 0..<(length + 7) / 8 {
      let rest = length - index * 8
      let mask: UInt8 = rest >= 8 ? 0xff : 0xff << UInt8(8 - rest)
      if ((index < bits.count ? bits[index] : 0) ^ address[index]) & mask != 0 { return false }
    }
    return true
  }

  static func isZero(_ address: [UInt8], from length: Int) -> Bool {
    (max(0, length)..<address.count * 8).allSatisfy { address[$0 / 8] & (0x80 >> UInt8($0 % 8)) == 0 }
  }

  private static func clear(_ address: inout [UInt8], from length: Int) {
    for bit in max(0, length)..<address.count * 8 { address[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
  }

  /// 32 bytes for the octet that follows the first `bits` bits: one bit for each node of its tree.
  private func keyed(prefix: [UInt8], bits: Int) -> [UInt8] {
    PublicKeyDigest.digest(seed + [UInt8(prefix.count), UInt8(bits)] + prefix.prefix(bits / 8))
  }

  private static func flip(_ block: [UInt8], _ address: [UInt8], _ bit: Int) -> Bool {
    let inner = bit % 8
    let node = (1 << inner) | (inner == 0 ? 0 : Int(address[bit / 8]) >> (8 - inner))
    return block[node / 8] & (1 << UInt8(node % 8)) != 0
  }
}

/// IPv4 and IPv6 addresses as texts.
///
/// - SeeAlso: RFC 4291 section 2.2, RFC 5952
enum AddressText {
  static func v4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard (7...15).contains(text.count) else { return nil }
    var bytes: [UInt8] = []
    for part in text.split(separator: 46, maxSplits: 4, omittingEmptySubsequences: false) {
      guard (1...3).contains(part.count), part.allSatisfy(\.isDigit), part.count == 1 || part.first != 48 else {
        return nil
      }
      let value = part.reduce(0) { $0 * 10 + Int($1) - 48 }
      guard value < 256 else { return nil }
      bytes.append(UInt8(value))
    }
    return bytes.count == 4 ? bytes : nil
  }

  static func text(v4 bytes: [UInt8]) -> String { bytes.map(String.init).joined(separator: ".") }

  static func v6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard (2...45).contains(text.count), text.count(where: { $0 == 58 }) >= 2 else { return nil }
    let string = String(decoding: text, as: UTF8.self)
    let halves = string.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
    if halves.count == 1 { return head.count == 16 ? head : nil }
    guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  private static func groups(_ text: Substring) -> [UInt8]? {
    if text.isEmpty { return [] }
    var bytes: [UInt8] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      if part.contains(".") {
        guard let four = v4(ArraySlice(part.utf8)) else { return nil }
        bytes += four
      } else {
        guard (1...4).contains(part.utf8.count), let value = UInt16(part, radix: 16) else { return nil }
        bytes += [UInt8(value >> 8), UInt8(value & 255)]
      }
    }
    return bytes.count <= 16 ? bytes : nil
  }

  static func text(v6 bytes: [UInt8]) -> String {
    let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func join(_ part: ArraySlice<Int>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    if best.isEmpty { return join(groups[...]) }
    return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
  }
}
