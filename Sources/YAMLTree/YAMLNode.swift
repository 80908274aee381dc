/// A YAML value that knows the line on which it begins.
///
/// Scalars stay text: what `true` or `3` means is for the reader of the field to say.
public struct YAMLNode: Sendable, Equatable {
  /// What stands at this place.
  public indirect enum Content: Sendable, Equatable {
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Pair])
  }

  /// One entry of a mapping, in file order.
  public struct Pair: Sendable, Equatable {
    public let key: String
    public let line: Int
    public let value: YAMLNode

    public init(key: String, line: Int, value: YAMLNode) {
      self.key = key
      self.line = line
      self.value = value
    }
  }

  public let content: Content
  /// The line in the file, counted from 1.
  public let line: Int

  public init(_ content: Content, line: Int) {
    self.content = content
    self.line = line
  }

  /// The value of `key`, if this is a mapping that has it.
  public subscript(key: String) -> YAMLNode? {
    pairs.first { $0.key == key }?.value
  }

  /// The text of a scalar; nil for anything else and for a plain null.
  public var text: String? {
    guard case .scalar(let text, let isPlain) = content else { return nil }
    if isPlain, text.isEmpty || text == "~" || text == "null" { return nil }
    return text
  }

  /// The items of a sequence; a scalar is a sequence of one; nothing else has items.
  public var items: [YAMLNode] {
    switch content {
    case .sequence(let items): items
    case .scalar: text == nil ? [] : [self]
    case .mapping: []
    }
  }

  /// The entries of a mapping, in file order; empty for anything else.
  public var pairs: [Pair] {
    if case .mapping(let pairs) = content { pairs } else { [] }
  }

  /// The texts of a sequence of scalars.
  public var texts: [String] { items.compactMap(\.text) }

  /// Whether the scalar says yes or no in YAML 1.2's words; nil when it says neither.
  public var bool: Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }
}

/// A YAML text that cannot be read: where, and why.
public struct YAMLError: Error, Sendable, CustomStringConvertible {
  public let line: Int
  public let message: String

  public init(line: Int, message: String) {
    self.line = line
    self.message = message
  }

  public var description: String { "line \(line): \(message)" }
}
