extension YAMLNode {
  /// Appends this tree to `bytes` in a form that loads an order of magnitude faster than YAML.
  ///
  /// Pre-order; each value is a tag (`s` quoted or `p` plain scalar, `q` sequence, `m` mapping), its line and a
  /// count (bytes of a scalar, items of a collection) as LEB128, then the bytes or the items.
  public func encode(into bytes: inout [UInt8]) {
    func number(_ value: Int) {
      var rest = UInt(value)
      repeat {
        let low = UInt8(rest & 0x7f)
        rest >>= 7
        bytes.append(rest == 0 ? low : low | 0x80)
      } while rest != 0
    }
    func string(_ text: String) {
      number(text.utf8.count)
      bytes.append(contentsOf: text.utf8)
    }
    switch content {
    case .scalar(let text, let isPlain):
      bytes.append(UInt8(ascii: isPlain ? "p" : "s"))
      number(line)
      string(text)
    case .sequence(let items):
      bytes.append(UInt8(ascii: "q"))
      number(line)
      number(items.count)
      for item in items { item.encode(into: &bytes) }
    case .mapping(let pairs):
      bytes.append(UInt8(ascii: "m"))
      number(line)
      number(pairs.count)
      for pair in pairs {
        number(pair.line)
        string(pair.key)
        pair.value.encode(into: &bytes)
      }
    }
  }

  /// Reads one tree that `encode` wrote, and moves `offset` behind it.
  public init(decoding bytes: UnsafeRawBufferPointer, at offset: inout Int) throws {
    func number() throws -> Int {
      var value = 0
      var shift = 0
      while offset < bytes.count, shift < 56 {
        let byte = bytes[offset]
        offset += 1
        value |= Int(byte & 0x7f) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw YAMLError(line: 0, message: "the encoded tree is cut")
    }
    func string() throws -> String {
      let count = try number()
      guard count <= bytes.count - offset else { throw YAMLError(line: 0, message: "the encoded tree is cut") }
      defer { offset += count }
      return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }
    guard offset < bytes.count else { throw YAMLError(line: 0, message: "the encoded tree is cut") }
    let tag = bytes[offset]
    offset += 1
    let line = try number()
    switch tag {
    case UInt8(ascii: "p"): self.init(.scalar(try string(), isPlain: true), line: line)
    case UInt8(ascii: "s"): self.init(.scalar(try string(), isPlain: false), line: line)
    case UInt8(ascii: "q"):
      var items: [YAMLNode] = []
      for _ in 0..<(try number()) { items.append(try YAMLNode(decoding: bytes, at: &offset)) }
      self.init(.sequence(items), line: line)
    case UInt8(ascii: "m"):
      var pairs: [Pair] = []
      for _ in 0..<(try number()) {
        let keyLine = try number()
        let key = try string()
        pairs.append(Pair(key: key, line: keyLine, value: try YAMLNode(decoding: bytes, at: &offset)))
      }
      self.init(.mapping(pairs), line: line)
    default: throw YAMLError(line: 0, message: "the encoded tree has an unknown tag")
    }
  }
}
