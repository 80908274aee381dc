import Model

/// A question that was put to a node.
public enum Question: Hashable, Sendable {
  case contents(of: String)
  case entries(of: String)
  case status(of: String, followingLinks: Bool)
  case probe(String)

  /// The path that it asks about; nil for a probe.
  public var path: String? {
    switch self {
    case .contents(let path), .entries(let path), .status(let path, _): path
    case .probe: nil
    }
  }
}

/// What the node said to a question.
public enum Reply: Sendable {
  case bytes([UInt8])
  case names([String])
  case status(PathStatus)
  case none(ReadError)
}

/// All questions that were put to a node, with their replies.
public struct Recording: Sendable {
  public internal(set) var replies: [Question: Reply] = [:]
  /// The bytes of all contents.
  private(set) var byteCount = 0

  public init() {}

  /// Keeps a reply; of two replies to one question, what was read outweighs a failure, and the later the earlier.
  mutating func add(_ reply: Reply, to question: Question) {
    if case .none = reply, let old = replies[question] {
      if case .none = old {} else { return }
    }
    if case .bytes(let bytes)? = replies[question] { byteCount -= bytes.count }
    if case .bytes(let bytes) = reply { byteCount += bytes.count }
    replies[question] = reply
  }

  /// The questions in a fixed order.
  var questions: [Question] { replies.keys.sorted { $0.order < $1.order } }
}

extension Question {
  /// A text that sorts questions by path, then by kind.
  fileprivate var order: String {
    switch self {
    case .contents(let path): path + "\u{0}1"
    case .entries(let path): path + "\u{0}2"
    case .status(let path, let follows): path + (follows ? "\u{0}3" : "\u{0}4")
    case .probe(let name): "\u{1}" + name
    }
  }
}

/// A node as it was when it was recorded. What was not asked then is `.notCaptured`.
public struct RecordedSource: Source {
  public let name: String
  private let replies: [Question: Reply]

  /// - Parameter name: what reports call it.
  public init(_ recording: Recording, name: String) {
    replies = recording.replies
    self.name = name
  }

  private func reply(to question: Question) throws(ReadError) -> Reply {
    guard let reply = replies[question] else { throw .notCaptured }
    if case .none(let error) = reply { throw error }
    return reply
  }

  public func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    guard case .bytes(let bytes) = try reply(to: .contents(of: path)) else { throw .notCaptured }
    if bytes.count > limit { throw .malformed("is larger than \(limit) bytes") }
    return bytes
  }

  public func entries(of path: String) throws(ReadError) -> [String] {
    guard case .names(let names) = try reply(to: .entries(of: path)) else { throw .notCaptured }
    return names
  }

  public func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus {
    guard case .status(let status) = try reply(to: .status(of: path, followingLinks: followingLinks)) else {
      throw .notCaptured
    }
    return status
  }

  public func answer(to probe: Probe) throws(ReadError) -> [UInt8] {
    guard case .bytes(let bytes) = try reply(to: .probe(probe.name)) else { throw .notCaptured }
    return bytes
  }
}
