/// Changes the texts in an encoded protobuf message of which nobody knows the schema.
///
/// The runtime's `Status` carries its configuration as JSON, registry passwords included.
/// - SeeAlso: https://protobuf.dev/programming-guides/encoding/
enum ProtobufTexts {
  private static let depthLimit = 8

  /// The message with every text as `change` leaves it; nil for bytes that are no message.
  static func rewritten(_ bytes: [UInt8], depth: Int = 0, change: ([UInt8]) -> [UInt8]) -> [UInt8]? {
    guard depth < depthLimit else { return nil }
    var result: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let start = rest
      guard let tag = varint(&rest), tag >> 3 > 0 else { return nil }
      switch tag & 7 {
      case 0:
        guard varint(&rest) != nil else { return nil }
      case 1:
        guard rest.count >= 8 else { return nil }
        rest = rest.dropFirst(8)
      case 5:
        guard rest.count >= 4 else { return nil }
        rest = rest.dropFirst(4)
      case 2:
        result += start[..<rest.startIndex]
        guard let size = varint(&rest), size <= UInt64(rest.count) else { return nil }
        let value = Array(rest.prefix(Int(size)))
        rest = rest.dropFirst(Int(size))
        let changed =
          isText(value) ? change(value) : rewritten(value, depth: depth + 1, change: change) ?? change(value)
        append(UInt64(changed.count), to: &result)
        result += changed
        continue
      default: return nil
      }
      result += start[..<rest.startIndex]
    }
    return result
  }

  /// A nested message always holds a tag or a length that no text has.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d } && bytes.first != 0x0a
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}
