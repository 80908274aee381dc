import Dispatch
import Model
import Synchronization

/// A source whose every answer comes within a time limit.
///
/// A read on a dead mount cannot be called off: its thread is left behind, and everything on the same mount, or else
/// below the same folder, has no answer from then on, so that a hung file system costs one limit and not one for each
/// of its files.
public struct PatientSource: Source {
  private let source: any Source
  private let limit: Double
  private let hung = HungFolders()
  private let mountPoints: [String]

  /// - Parameter limit: seconds.
  public init(_ source: any Source, limit: Double = 5) {
    self.source = source
    self.limit = limit
    mountPoints = (source as? DirectorySource)?.mountPoints ?? []
  }

  public var name: String { source.name }

  /// What has not answered in time, sorted: a mount point or a folder.
  public var hungFolders: [String] { hung.all }

  public func contents(of path: String, limit bytes: Int) throws(ReadError) -> [UInt8] {
    try wait(for: path) { [source] () throws(ReadError) in try source.contents(of: path, limit: bytes) }
  }

  public func entries(of path: String) throws(ReadError) -> [String] {
    try wait(for: path) { [source] () throws(ReadError) in try source.entries(of: path) }
  }

  public func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus {
    try wait(for: path) { [source] () throws(ReadError) in
      try source.status(of: path, followingLinks: followingLinks)
    }
  }

  public func answer(to probe: Probe) throws(ReadError) -> [UInt8] {
    let subject: String
    switch probe {
    case .fileSystem(let path): subject = path + "/."
    case .call(let socket, _, _): subject = socket + "/."
    case .part(let path, _, _): subject = path
    case .clock, .connect, .command: subject = probe.name
    }
    // A connection waits for the resolver first.
    let limit = if case .connect = probe { max(limit, 2 * TCPConnection.limit + 2) } else { limit }
    return try wait(for: subject, limit: limit) { [source] () throws(ReadError) in try source.answer(to: probe) }
  }

  private func wait<Answer: Sendable>(
    for path: String, limit seconds: Double? = nil, _ read: @escaping @Sendable () throws(ReadError) -> Answer
  ) throws(ReadError) -> Answer {
    let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))
    let limit = seconds ?? limit
    if hung.contain(path) { throw .timedOut(seconds: limit) }
    let box = AnswerBox<Answer>()
    DispatchQueue(label: "read").async {
      do throws(ReadError) {
        box.put(.success(try read()))
      } catch {
        box.put(.failure(error))
      }
    }
    guard let answer = box.take(within: limit) else {
      hung.add(mountPoints.first { path == $0 || path.hasPrefix($0 + "/") } ?? folder)
      throw .timedOut(seconds: limit)
    }
    return try answer.get()
  }
}

private final class HungFolders: Sendable {
  private let folders: Mutex<Set<String>> = Mutex([])

  func contain(_ path: String) -> Bool {
    folders.withLock { folders in folders.contains { path == $0 || path.hasPrefix($0 + "/") } }
  }

  var all: [String] { folders.withLock { $0.sorted() } }
  func add(_ folder: String) { folders.withLock { _ = $0.insert(folder) } }
}

/// Where a reading thread leaves its answer.
private final class AnswerBox<Answer: Sendable>: Sendable {
  private let answer: Mutex<Result<Answer, ReadError>?> = Mutex(nil)
  private let signal = DispatchSemaphore(value: 0)

  func put(_ result: Result<Answer, ReadError>) {
    answer.withLock { $0 = result }
    signal.signal()
  }

  /// The answer, or nil when none came within `seconds`.
  func take(within seconds: Double) -> Result<Answer, ReadError>? {
    guard signal.wait(timeout: .now() + seconds) == .success else { return nil }
    return answer.withLock { $0 }
  }
}
