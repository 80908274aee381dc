import Model
import NodeAccess

/// Writes logs into a bundle while they pass to a scanner, both as the cleaner leaves them.
final class LogRecorder: LogSink {
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
  /// How many bytes of each log are to be left out at its beginning, in the order of the logs.
  private let excess: [Int]
  /// What is still to be left out of the current one.
  private var skip = 0
  /// Fields of journal entries, clean: the same few come again and again.
  private var fields: [[UInt8]: [UInt8]] = [:]

  /// - Parameter write: adds an entry to the bundle.
  init(
    to next: any LogSink, cleaner: any Cleaner, excess: [Int],
    write: @escaping (String, [UInt8]) throws(ReadError) -> Void
  ) {
    self.next = next
    self.cleaner = cleaner
    self.excess = excess
    self.write = write
  }

  var isCancelled: Bool { failure != nil || next.isCancelled }

  func begin(_ name: String, modified: LogTime?) {
    start(Manifest.Log(name: cleaner.name(name), form: .text, modified: modified?.seconds, parts: []))
    next.begin(current.name, modified: modified)
  }

  func beginJournal(_ name: String) {
    start(Manifest.Log(name: cleaner.name(name), form: .journal, parts: []))
    next.beginJournal(current.name)
  }

  private func start(_ log: Manifest.Log) {
    current = log
    skip = logs.count < excess.count ? excess[logs.count] : 0
    current.isCut = skip > 0 ? true : nil
  }

  let keepsEntries = true

  func clean(_ text: [UInt8], of writer: [UInt8]?) -> [UInt8] {
    guard skip <= 0 else { return text }
    if let writer { return cleaner.message(text, by: writer, of: current.name) }
    if let known = fields[text] { return known }
    let clean = cleaner.file(text, of: current.name)
    if fields.count >= 1024 { fields = [:] }
    fields[text] = clean
    return clean
  }

  func entry(_ export: [UInt8]) {
    current.form = .journal
    if skip > 0 { skip -= export.count } else { keep(export) }
  }

  func block(_ bytes: UnsafeRawBufferPointer) {
    // The entries of a journal were cleaned and kept one by one.
    if current.form == .journal {
      if skip <= 0 { next.block(bytes) }
      return
    }
    var rest = bytes
    if skip > 0 {
      guard skip < rest.count else {
        skip -= rest.count
        return
      }
      // A line is kept whole or not at all.
      let end = rest[skip...].firstIndex(of: 0x0a).map { $0 + 1 } ?? rest.count
      skip = 0
      rest = UnsafeRawBufferPointer(rebasing: rest[end...])
    }
    guard !rest.isEmpty else { return }
    let clean = cleaner.block(Array(rest), of: current.name)
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
