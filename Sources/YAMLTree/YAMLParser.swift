import CYaml

extension YAMLNode {
  /// How deep mappings and sequences may nest, and how many values a document may hold: input may be hostile.
  static let depthLimit = 100
  static let nodeLimit = 200_000

  /// Reads the first document of `bytes`.
  ///
  /// Aliases are refused, so that the tree is never larger than the text.
  /// - Throws: `YAMLError` with the line of the fault.
  /// - SeeAlso: https://yaml.org/spec/1.1/
  public static func parse(_ bytes: [UInt8]) throws -> YAMLNode {
    var documents = try parseAll(bytes, limit: 1)
    return documents.isEmpty ? YAMLNode(.scalar("", isPlain: true), line: 1) : documents.removeFirst()
  }

  /// Reads up to `limit` documents of `bytes`.
  public static func parseAll(_ bytes: [UInt8], limit: Int = .max) throws -> [YAMLNode] {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw YAMLError(line: 0, message: "out of memory") }
    defer { yaml_parser_delete(&parser) }
    return try bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      var reader = EventReader(parser: &parser)
      return try reader.documents(limit: limit)
    }
  }
}

/// Turns libyaml's events into a tree.
private struct EventReader {
  let parser: UnsafeMutablePointer<yaml_parser_t>
  var nodes = 0

  init(parser: UnsafeMutablePointer<yaml_parser_t>) { self.parser = parser }

  /// One event, reduced to what the tree needs.
  enum Event {
    case scalar(String, isPlain: Bool, Int)
    case sequenceStart(Int)
    case mappingStart(Int)
    case end, documentStart, documentEnd, streamEnd, other
    case alias(Int)
  }

  func next() throws -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else {
      let problem = parser.pointee.problem.map { String(cString: $0) } ?? "malformed YAML"
      throw YAMLError(line: Int(parser.pointee.problem_mark.line) + 1, message: problem)
    }
    defer { yaml_event_delete(&event) }
    let line = Int(event.start_mark.line) + 1
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, line)
    case YAML_SEQUENCE_START_EVENT: return .sequenceStart(line)
    case YAML_MAPPING_START_EVENT: return .mappingStart(line)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_ALIAS_EVENT: return .alias(line)
    default: return .other
    }
  }

  mutating func documents(limit: Int) throws -> [YAMLNode] {
    var documents: [YAMLNode] = []
    while documents.count < limit {
      switch try next() {
      case .documentStart:
        if let node = try value(of: try next(), depth: 0) { documents.append(node) }
      case .streamEnd: return documents
      default: continue
      }
    }
    return documents
  }

  /// The value that begins with `event`; nil where `event` ends the enclosing collection.
  mutating func value(of event: Event, depth: Int) throws -> YAMLNode? {
    nodes += 1
    switch event {
    case .scalar(let text, let isPlain, let line): return YAMLNode(.scalar(text, isPlain: isPlain), line: line)
    case .sequenceStart(let line):
      try check(depth, line)
      var items: [YAMLNode] = []
      while let item = try value(of: try next(), depth: depth + 1) { items.append(item) }
      return YAMLNode(.sequence(items), line: line)
    case .mappingStart(let line):
      try check(depth, line)
      return YAMLNode(.mapping(try pairs(depth: depth)), line: line)
    case .alias(let line): throw YAMLError(line: line, message: "aliases are not read")
    default: return nil
    }
  }

  mutating func pairs(depth: Int) throws -> [YAMLNode.Pair] {
    var pairs: [YAMLNode.Pair] = []
    while let key = try value(of: try next(), depth: depth + 1) {
      guard case .scalar(let name, _) = key.content else {
        throw YAMLError(line: key.line, message: "a key must be a scalar")
      }
      guard let item = try value(of: try next(), depth: depth + 1) else { break }
      pairs.append(YAMLNode.Pair(key: name, line: key.line, value: item))
    }
    return pairs
  }

  func check(_ depth: Int, _ line: Int) throws {
    if depth >= YAMLNode.depthLimit { throw YAMLError(line: line, message: "nested too deeply") }
    if nodes > YAMLNode.nodeLimit { throw YAMLError(line: line, message: "too many values") }
  }
}
