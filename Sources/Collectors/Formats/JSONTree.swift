import YAMLTree

/// A strict reader of JSON that keeps lines, which YAML's reader is not: it forgives trailing commas and bare words.
///
/// - SeeAlso: RFC 8259
struct JSONTree {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var nodes = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads the one value of `text`.
  ///
  /// - Throws: `YAMLError` with the line of the fault.
  static func parse(_ text: String) throws(YAMLError) -> YAMLNode {
    var reader = JSONTree(Array(text.utf8))
    let value = try reader.value(depth: 0)
    reader.skipBlanks()
    if reader.offset < reader.bytes.count { throw reader.fault("text after the end of the value") }
    return value
  }

  private func fault(_ message: String) -> YAMLError { YAMLError(line: line, message: message) }

  private var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipBlanks() {
    while let next = byte, next == 32 || next == 9 || next == 10 || next == 13 {
      if next == 10 { line += 1 }
      offset += 1
    }
  }

  private mutating func take(_ wanted: Character) -> Bool {
    guard let code = wanted.asciiValue, byte == code else { return false }
    offset += 1
    return true
  }

  private mutating func value(depth: Int) throws(YAMLError) -> YAMLNode {
    nodes += 1
    if depth > 64 || nodes > 100_000 { throw fault("too large or nested too deeply") }
    skipBlanks()
    let start = line
    switch byte {
    case nil: throw fault("unexpected end")
    case UInt8(ascii: "{"): return YAMLNode(.mapping(try pairs(depth)), line: start)
    case UInt8(ascii: "["): return YAMLNode(.sequence(try items(depth)), line: start)
    case UInt8(ascii: "\""): return YAMLNode(.scalar(try string(), isPlain: false), line: start)
    default: return YAMLNode(.scalar(try word(), isPlain: true), line: start)
    }
  }

  private mutating func pairs(_ depth: Int) throws(YAMLError) -> [YAMLNode.Pair] {
    var pairs: [YAMLNode.Pair] = []
    offset += 1
    skipBlanks()
    if take("}") { return pairs }
    while true {
      skipBlanks()
      let start = line
      guard byte == UInt8(ascii: "\"") else { throw fault("a name in quotation marks is expected") }
      let key = try string()
      skipBlanks()
      if !take(":") { throw fault("a colon is expected") }
      pairs.append(YAMLNode.Pair(key: key, line: start, value: try value(depth: depth + 1)))
      skipBlanks()
      if take("}") { return pairs }
      if !take(",") { throw fault("a comma or a closing brace is expected") }
    }
  }

  private mutating func items(_ depth: Int) throws(YAMLError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    offset += 1
    skipBlanks()
    if take("]") { return items }
    while true {
      items.append(try value(depth: depth + 1))
      skipBlanks()
      if take("]") { return items }
      if !take(",") { throw fault("a comma or a closing bracket is expected") }
    }
  }

  private mutating func string() throws(YAMLError) -> String {
    offset += 1
    var text: [UInt8] = []
    while let next = byte {
      offset += 1
      switch next {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<32: throw fault("a control character in a string")
      default: text.append(next)
      }
    }
    throw fault("a string has no end")
  }

  private mutating func escape() throws(YAMLError) -> [UInt8] {
    guard let next = byte else { throw fault("a string has no end") }
    offset += 1
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [next]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      guard bytes.count - offset >= 4,
        let code = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
      else { throw fault("an incomplete escape") }
      offset += 4
      return Array(String(Character(UnicodeScalar(code) ?? "\u{fffd}")).utf8)
    default: throw fault("an unknown escape")
    }
  }

  private mutating func word() throws(YAMLError) -> String {
    let start = offset
    while let next = byte, !" \t\r\n,]}:{[\"".utf8.contains(next) { offset += 1 }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    let isNumber = text.utf8.first.map { $0 == 45 || (48...57).contains($0) } == true && Double(text) != nil
    guard isNumber || text == "true" || text == "false" || text == "null" else {
      throw fault("a value is expected")
    }
    return text
  }
}
