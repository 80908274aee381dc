/// The answer to a question about a node.
public enum FactValue: Sendable, Equatable {
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([String])

  /// The value as it stands in a command or a report.
  public var text: String {
    switch self {
    case .bool(let value): value ? "true" : "false"
    case .number(let value): value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    case .text(let value): value
    case .list(let values): values.joined(separator: ", ")
    }
  }

  /// Whether it holds nothing.
  public var isEmpty: Bool {
    switch self {
    case .text(let value): value.isEmpty
    case .list(let values): values.isEmpty
    case .bool, .number: false
    }
  }
}

/// A question put to one node: its answer, and where that was read.
public struct Fact: Sendable, Equatable {
  /// `area.thing`, such as `swap.areas`.
  public let key: String
  /// Nil when the node does not have the thing: this is knowledge, too.
  public let value: FactValue?
  /// The file, flag or socket that gave the answer.
  public let source: String
  /// The line in `source`, counted from 1.
  public let line: Int?

  /// The source and, where it has lines, the line: `/etc/fstab:3`.
  public var place: String { source + (line.map { ":\($0)" } ?? "") }

  public init(key: String, value: FactValue?, source: String, line: Int? = nil) {
    self.key = key
    self.value = value
    self.source = source
    self.line = line
  }
}

/// Compares dotted versions by their numbers: `1.9` is older than `1.26.1`; what follows the numbers is ignored.
public func isVersion(_ a: String, olderThan b: String) -> Bool {
  func parts(_ text: String) -> [Int] {
    text.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }.split(separator: ".").prefix(4).map { Int($0) ?? 0 }
  }
  let (left, right) = (parts(a), parts(b))
  for index in 0..<max(left.count, right.count) {
    let (l, r) = (index < left.count ? left[index] : 0, index < right.count ? right[index] : 0)
    if l != r { return l < r }
  }
  return false
}
