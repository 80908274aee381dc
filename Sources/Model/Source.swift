/// What stands at a path of a node.
public struct PathStatus: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable { case file, folder, link, socket, device, other }
  public let kind: Kind
  /// The permission bits, as chmod(1) takes them.
  public let mode: UInt32
  public let size: Int
  /// Seconds since 1970-01-01 UTC of the last change of the content.
  public let modified: Double
  /// Where a symbolic link points; nil for anything else.
  public let target: String?

  public init(kind: Kind, mode: UInt32, size: Int, modified: Double, target: String? = nil) {
    self.kind = kind
    self.mode = mode
    self.size = size
    self.modified = modified
    self.target = target
  }
}

/// A place from which a node can be read: the live node, a mounted disk, a test fixture.
///
/// Paths are absolute on the examined node. A path that the source cannot speak about is `.notCaptured`; one that the
/// node does not have is `.absent`: this is knowledge, that is not.
public protocol Source: Sendable {
  /// What reports call this source.
  var name: String { get }
  /// The bytes of the file at `path`; a larger file than `limit` is `.malformed`. Symbolic links are followed inside
  /// the root.
  func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8]
  /// The names in the folder at `path`, sorted.
  func entries(of path: String) throws(ReadError) -> [String]
  /// What stands at `path`; links are followed only where `followingLinks`.
  func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus
  /// The answer to a question that no file holds, as bytes whose form `probe` defines.
  func answer(to probe: Probe) throws(ReadError) -> [UInt8]
}

extension Source {
  public func answer(to probe: Probe) throws(ReadError) -> [UInt8] { throw .notCaptured }

  /// The text of the file at `path`, of at most 1 MiB.
  public func text(of path: String) throws(ReadError) -> String {
    String(decoding: try contents(of: path, limit: 1 << 20), as: UTF8.self)
  }

  /// Whether something stands at `path`, links followed.
  public func exists(_ path: String) throws(ReadError) -> Bool {
    do throws(ReadError) {
      _ = try status(of: path, followingLinks: true)
      return true
    } catch {
      if case .absent = error { return false }
      throw error
    }
  }
}

/// What a collector learnt: facts, and the questions that stay open with the reason why.
public struct Collected: Sendable {
  public private(set) var facts: [Fact] = []
  public private(set) var unknown: [String: ReadError] = [:]

  public init() {}

  /// Answers `key`.
  public mutating func add(_ key: String, _ value: FactValue?, from source: String, line: Int? = nil) {
    facts.append(Fact(key: key, value: value, source: source, line: line))
  }

  /// Leaves `key` open.
  public mutating func leaveOpen(_ key: String, because error: ReadError) { unknown[key] = error }

  /// Answers `key` with what `read` gives; `.absent` is an answer, every other error leaves the question open.
  public mutating func answer(_ key: String, from path: String, _ read: () throws(ReadError) -> FactValue?) {
    do throws(ReadError) {
      add(key, try read(), from: path)
    } catch {
      if case .absent = error { add(key, nil, from: path) } else { leaveOpen(key, because: error) }
    }
  }
}

/// Answers a few related questions about a node.
public protocol Collector: Sendable {
  /// The name of the subject: `containerd`.
  static var name: String { get }
  /// All facts that it answers, each with what it means: key, unit where there is one, and its defining document.
  static var answers: [(key: String, summary: String)] { get }
  /// Reads the node; never fails as a whole.
  ///
  /// - Parameter known: the facts of the collectors before it in the list, for facts that are derived from others.
  static func collect(from source: any Source, known: KnownFacts) -> Collected
}
