import Model
import NodeAccess

/// Writes logs into a bundle while they pass to a scanner, both as the cleaner leaves them.
final class LogRecorder: JournalSink {
  /// The logs so far, as the manifest lists them.
  private(set) var logs: [Manifest.Log] = []
  /// Why nothing more could be written.
  private(set) var failure: ReadError?

  private let next: any LogSink
  private let cleaner: any Cleaner
  private let write: (String, [UInt8]) throws(ReadError) -> Void
  private var part: [UInt8] = []
  private var current = Manifest.Log(name: "", form: .text, parts: [])
  private static let partSize = 4 << 20

  /// - Parameter write: adds an entry to the bundle.
  init(
    to next: any LogSink, cleaner: any Cleaner, write: @escaping (String, [UInt8]) throws(ReadError) -> Void
  ) {
    self.next = next
    self.cleaner = cleaner
    self.write = write
  }

  var isCancelled: Bool { failure != nil || next.isCancelled }

  func begin(_ name: String, modified: LogTime?) {
    current = Manifest.Log(name: cleaner.name(name), form: .text, modified: modified?.seconds, parts: [])
    next.begin(current.name, modified: modified)
  }

  func clean(_ text: [UInt8]) -> [UInt8] { cleaner.block(text, of: current.name) }

  func entry(_ export: [UInt8]) {
    current.form = .journal
    keep(export)
  }

  func block(_ bytes: UnsafeRawBufferPointer) {
    // The entries of a journal were cleaned and kept one by one.
    if current.form == .journal { return next.block(bytes) }
    let clean = cleaner.block(Array(bytes), of: current.name)
    keep(clean)
    clean.withUnsafeBytes { next.block($0) }
  }

  func end() {
    flush()
    cleaner.endStream()
    logs.append(current)
    next.end()
  }

  private func keep(_ bytes: [UInt8]) {
    part.append(contentsOf: bytes)
    if part.count >= Self.partSize { flush() }
  }

  private func flush() {
    guard !part.isEmpty, failure == nil else { return }
    let number = String(current.parts.count + 1)
    let suffix = String(repeating: "0", count: max(0, 4 - number.count)) + number
    let folder = current.form == .journal ? "journal/\(logs.count + 1)" : "logs/\(logs.count + 1)"
    let name = "\(folder)/\(suffix).\(current.form == .journal ? "export" : "log")"
    do throws(ReadError) {
      try write(name, part)
      current.parts.append(name)
    } catch {
      failure = error
    }
    part.removeAll(keepingCapacity: true)
  }
}
