/// Base64 (RFC 4648).
public enum Base64 {
  /// The bytes of a base64 text, blanks allowed; nil where `text` is none.
  ///
  /// - Parameter urlSafe: `-` and `_` count as `+` and `/` (RFC 4648 section 5).
  public static func bytes(_ text: some Sequence<UInt8>, urlSafe: Bool = false) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bits = 0
    var padding = 0
    for byte in text {
      let digit: UInt32
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = UInt32(byte) - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = UInt32(byte) - 71
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte) + 4
      case UInt8(ascii: "+"): digit = 62
      case UInt8(ascii: "/"): digit = 63
      case UInt8(ascii: "-") where urlSafe: digit = 62
      case UInt8(ascii: "_") where urlSafe: digit = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      case 9, 10, 13, 32: continue
      default: return nil
      }
      if padding > 0 { return nil }
      buffer = (buffer << 6 | digit) & 0xffff
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
      }
    }
    return padding > 2 || bytes.isEmpty ? nil : bytes
  }

  /// The base64 text of `bytes`, padded, on one line.
  public static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 3 * 4 + 4)
    var position = 0
    while position < bytes.count {
      let part = bytes[position..<min(position + 3, bytes.count)]
      let value = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for index in 0..<4 {
        text.append(index <= part.count ? digits[value >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
      position += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}
