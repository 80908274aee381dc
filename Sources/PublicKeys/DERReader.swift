/// Steps through the values of a DER text.
///
/// - SeeAlso: ITU-T X.690 section 8.1
public struct DERReader: Sendable {
  private var rest: ArraySlice<UInt8>

  /// Reads from the first of `bytes`.
  public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The tag of the next value.
  public var tag: UInt8? { rest.first }

  /// The content of the next value, if it has this tag and is whole.
  public mutating func next(_ wanted: UInt8) -> ArraySlice<UInt8>? {
    guard rest.count >= 2, rest.first == wanted else { return nil }
    var position = rest.startIndex + 1
    var length = Int(rest[position])
    position += 1
    if length >= 0x80 {
      let size = length & 0x7f
      guard (1...3).contains(size), rest.endIndex - position >= size else { return nil }
      length = rest[position..<position + size].reduce(0) { $0 << 8 | Int($1) }
      position += size
    }
    guard length <= rest.endIndex - position else { return nil }
    defer { rest = rest[(position + length)...] }
    return rest[position..<position + length]
  }

  /// The next value with its tag and length, if it has this tag and is whole.
  public mutating func nextWhole(_ wanted: UInt8) -> ArraySlice<UInt8>? {
    let before = rest
    guard next(wanted) != nil else { return nil }
    return before[before.startIndex..<rest.startIndex]
  }
}

/// The DER value of this tag and content.
public func der(_ tag: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
  let count = content.count
  var bytes: [UInt8] = [tag]
  if count < 0x80 {
    bytes.append(UInt8(count))
  } else {
    let size = count < 0x100 ? 1 : count < 0x1_0000 ? 2 : 3
    bytes.append(0x80 | UInt8(size))
    for index in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * index))) }
  }
  return bytes + content
}
