import Dispatch
import Glibc
import Model
import Synchronization

/// Reads logs of a node one after the other, each within limits of time and size.
///
/// A read on a dead disk cannot be called off: its thread is left behind, and what it would still say is not heard.
public final class NodeLogInputs {
  /// Of a larger log, only the newest bytes are read.
  public static let sizeLimit = 64 << 20

  private let source: DirectorySource
  private let sink: any LogSink
  private let request: JournalRequest
  private let patience: Double
  /// What could not be read, and why, in order.
  public private(set) var failures: [(name: String, error: ReadError)] = []
  /// What was left out on purpose, in order.
  public private(set) var notes: [String] = []
  /// How many inputs gave at least one byte.
  public private(set) var readCount = 0

  /// - Parameter patience: how many seconds may pass without a byte.
  public init(of source: DirectorySource, window: LogWindow, patience: Double = 5, into sink: any LogSink) {
    self.source = source
    self.sink = sink
    self.patience = patience
    request = JournalRequest(
      window: window, onlyNodeUnits: true, currentBoot: source.isLive ? Self.currentBoot() : nil)
  }

  /// When this machine was booted, in seconds since 1970 UTC.
  public static func bootTime() -> (now: Double, booted: Double) {
    var uptime = timespec()
    clock_gettime(CLOCK_BOOTTIME, &uptime)
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }
    return (seconds(now), seconds(now) - seconds(uptime))
  }

  private static func currentBoot() -> BootID? {
    let text = try? DirectorySource(root: "/").contents(of: "/proc/sys/kernel/random/boot_id", limit: 100)
    return text.flatMap { BootID(String(decoding: $0, as: UTF8.self).filter(\.isHexDigit)) }
  }

  /// Reads the journal files at `paths` of the node as one.
  public func readJournals(_ paths: [String], name: String) {
    run(name) { [source] inputs in
      inputs.readJournals(paths.compactMap { try? source.localPath(of: $0) }, name: name)
    }
  }

  /// Reads the log at `path` of the node.
  public func readLog(_ path: String, limit: Int = sizeLimit) {
    run(path) { [source] inputs in
      do throws(ReadError) {
        inputs.readLog(try source.localPath(of: path), name: path, limit: limit)
      } catch {
        inputs.fail(path, error)
      }
    }
  }

  /// The names in a folder of the node; none where it cannot be read, which is noted where that is no answer.
  public func names(in folder: String, of source: any Source) -> [String] {
    if sink.isCancelled { return [] }
    do throws(ReadError) {
      return try source.entries(of: folder)
    } catch {
      failures.append((folder, error))
      return []
    }
  }

  /// Notes what is left out on purpose.
  public func note(_ text: String) { notes.append(text) }

  private func run(_ name: String, _ body: @escaping @Sendable (inout LogInputs) -> Void) {
    if sink.isCancelled { return }
    let task = PatientTask(sink, request)
    task.start(body)
    guard let outcome = task.result(patience: patience, isCancelled: { [sink] in sink.isCancelled }) else {
      if !sink.isCancelled { failures.append((name, .timedOut(seconds: patience))) }
      return
    }
    failures += outcome.failures
    notes += outcome.notes
    readCount += outcome.readCount
  }
}

/// What a reading came to.
private struct LogOutcome: Sendable {
  let failures: [(name: String, error: ReadError)]
  let notes: [String]
  let readCount: Int
}

/// One reading that may be left behind.
private final class PatientTask: LogSink, @unchecked Sendable {
  // Unchecked: `sink` is used under the lock alone, by the reading thread until it is revoked.
  private struct State {
    var isRevoked = false
    var hasBegun = false
    var result: LogOutcome?
  }

  private let sink: any LogSink
  private let request: JournalRequest
  private let state: Mutex<State> = Mutex(State())
  private let steps = Atomic(0)
  private let done = DispatchSemaphore(value: 0)

  init(_ sink: any LogSink, _ request: JournalRequest) {
    self.sink = sink
    self.request = request
  }

  func start(_ body: @escaping @Sendable (inout LogInputs) -> Void) {
    DispatchQueue(label: "log").async { [self] in
      var inputs = LogInputs(into: self, request: request)
      body(&inputs)
      let outcome = LogOutcome(failures: inputs.failures, notes: inputs.notes, readCount: inputs.readCount)
      state.withLock { $0.result = outcome }
      done.signal()
    }
  }

  /// What came of it; nil when it stood still for `patience` seconds, or was cancelled and does not stop.
  func result(patience: Double, isCancelled: () -> Bool) -> LogOutcome? {
    var seen = steps.load(ordering: .relaxed)
    var still = 0.0
    while done.wait(timeout: .now() + 0.05) != .success {
      let now = steps.load(ordering: .relaxed)
      still = now == seen ? still + 0.05 : 0
      seen = now
      if still > (isCancelled() ? 0.5 : patience) {
        state.withLock { state in
          state.isRevoked = true
          if state.hasBegun { sink.end() }
        }
        return nil
      }
    }
    return state.withLock { $0.result }
  }

  // Readers ask this before each read: whoever asks has not hung.
  var isCancelled: Bool {
    steps.add(1, ordering: .relaxed)
    return sink.isCancelled || state.withLock { $0.isRevoked }
  }

  func begin(_ name: String, modified: LogTime?) { pass(begins: true) { $0.begin(name, modified: modified) } }
  func beginJournal(_ name: String) { pass(begins: true) { $0.beginJournal(name) } }
  func block(_ bytes: UnsafeRawBufferPointer) { pass(begins: true) { $0.block(bytes) } }
  func end() { pass(begins: false) { $0.end() } }
  var keepsEntries: Bool { sink.keepsEntries }
  func clean(_ text: [UInt8], of writer: [UInt8]?) -> [UInt8] {
    state.withLock { $0.isRevoked ? [] : sink.clean(text, of: writer) }
  }
  func entry(_ export: [UInt8]) { pass(begins: true) { $0.entry(export) } }

  private func pass(begins: Bool, _ call: (any LogSink) -> Void) {
    steps.add(1, ordering: .relaxed)
    state.withLock { state in
      guard !state.isRevoked else { return }
      state.hasBegun = begins
      call(sink)
    }
  }
}
