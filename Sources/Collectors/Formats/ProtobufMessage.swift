import Model

/// A protocol buffer message as its fields, in order. What they mean is for its reader to say.
///
/// - SeeAlso: https://protobuf.dev/programming-guides/encoding/
struct ProtobufMessage: Sendable {
  enum Value: Sendable, Equatable {
    /// A varint, or a fixed number of 32 or 64 bits.
    case number(UInt64)
    /// A text, bytes or a message.
    case bytes(ArraySlice<UInt8>)
  }

  private static let fieldLimit = 100_000

  private(set) var fields: [(number: UInt64, value: Value)] = []

  /// - Throws: `.malformed` for anything that is no whole message.
  init(_ bytes: ArraySlice<UInt8>) throws(ReadError) {
    var rest = bytes
    while !rest.isEmpty {
      guard fields.count < Self.fieldLimit else { throw .malformed("a message of too many fields") }
      let tag = try Self.varint(&rest)
      guard tag >> 3 > 0 else { throw .malformed("a field without a number") }
      let value: Value
      switch tag & 7 {
      case 0: value = .number(try Self.varint(&rest))
      case 1: value = .number(try Self.fixed(8, &rest))
      case 2: value = .bytes(try Self.take(try Self.varint(&rest), &rest))
      case 5: value = .number(try Self.fixed(4, &rest))
      default: throw .malformed("a field of an unknown type")
      }
      fields.append((tag >> 3, value))
    }
  }

  /// Seven bits a byte, the least significant first; the highest bit says that more follow.
  private static func varint(_ rest: inout ArraySlice<UInt8>) throws(ReadError) -> UInt64 {
    var number: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst() else { throw .malformed("a message that ends in a number") }
      // The tenth byte holds the last of 64 bits.
      if place == 9, byte > 1 { break }
      number |= UInt64(byte & 0x7f) << (7 * UInt64(place))
      if byte < 0x80 { return number }
    }
    throw .malformed("a number of more than 64 bits")
  }

  private static func fixed(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) throws(ReadError) -> UInt64 {
    try take(count, &rest).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func take(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) throws(ReadError) -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count) else { throw .malformed("a message that ends in a field") }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  /// All values of a field that hold bytes.
  func bytes(_ number: UInt64) -> [ArraySlice<UInt8>] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
    }
  }

  /// The text of a field, empty where there is none; the last one counts.
  func text(_ number: UInt64) -> String { String(decoding: bytes(number).last ?? [], as: UTF8.self) }

  /// Whether a field is set.
  func flag(_ number: UInt64) -> Bool {
    fields.last { $0.number == number }.map { $0.value != .number(0) } ?? false
  }

  /// The messages of a field.
  func messages(_ number: UInt64) throws(ReadError) -> [ProtobufMessage] {
    var messages: [ProtobufMessage] = []
    for bytes in bytes(number) { messages.append(try ProtobufMessage(bytes)) }
    return messages
  }
}
