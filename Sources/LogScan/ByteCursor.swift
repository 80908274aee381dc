/// A place in a line, moved by what is recognised there.
struct ByteCursor {
  let bytes: ArraySlice<UInt8>
  var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var rest: ArraySlice<UInt8> { bytes[position...] }
  var isAtEnd: Bool { position >= bytes.endIndex }
  var byte: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  /// Moves over `text` if it stands here.
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.endIndex - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  /// Moves over bytes of `set`; whether there was one.
  @discardableResult
  mutating func skip(while isIn: (UInt8) -> Bool) -> Bool {
    let start = position
    while position < bytes.endIndex, isIn(bytes[position]) { position += 1 }
    return position > start
  }

  @discardableResult
  mutating func skipSpaces() -> Bool { skip { $0 == 0x20 || $0 == 0x09 } }

  /// Reads a number of `width` digits.
  mutating func number(_ width: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    var index = position
    while index < bytes.endIndex, count < width.upperBound, let digit = bytes[index].digit {
      value = value * 10 + digit
      count += 1
      index += 1
    }
    guard count >= width.lowerBound else { return nil }
    position = index
    return value
  }

  /// Reads a fraction of a second after a dot or a comma; 0 when there is none.
  mutating func fraction() -> Double {
    let start = position
    guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") else { return 0 }
    position += 1
    var value = 0.0
    var scale = 0.1
    var digits = 0
    while let digit = byte?.digit {
      value += Double(digit) * scale
      scale /= 10
      digits += 1
      position += 1
    }
    if digits == 0 { position = start }
    return value
  }

  /// The bytes up to the next space, and moves there.
  mutating func word() -> ArraySlice<UInt8> {
    let start = position
    skip { $0 != 0x20 && $0 != 0x09 }
    return bytes[start..<position]
  }
}

extension UInt8 {
  /// The value of an ASCII digit.
  var digit: Int? { self >= 0x30 && self <= 0x39 ? Int(self) - 0x30 : nil }
}
