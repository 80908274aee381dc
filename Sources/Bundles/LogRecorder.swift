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
  /// Whether the journal entry that is being read is left out.
  private var isLeftOut = false
  /// So much of what is left out passes the cleaner, which may be within a private key when the kept part begins.
  private static let margin = 1 << 18
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
    if writer != nil { isLeftOut = skip > 0 }
    if isLeftOut {
      // The entry's line goes on to the scanner beside lines that are kept: there must be nothing in it.
      if let writer, skip < Self.margin { _ = cleaner.message(text, by: writer, of: current.name) }
      skip -= text.count
      return []
    }
    if let writer { return cleaner.message(text, by: writer, of: current.name) }
    if let known = fields[text] { return known }
    let clean = cleaner.file(text, of: current.name)
    if fields.count >= 1024 { fields = [:] }
    fields[text] = clean
    return clean
  }

  func entry(_ export: [UInt8]) {
    current.form = .journal
    if isLeftOut { skip -= export.count } else { keep(export) }
    isLeftOut = false
  }

  func block(_ bytes: UnsafeRawBufferPointer) {
    // The entries of a journal were cleaned and kept one by one.
    if current.form == .journal {
      if skip <= 0 { next.block(bytes) }
      return
    }
    if skip >= bytes.count {
      skip -= bytes.count
      if skip < Self.margin { _ = cleaner.block(Array(bytes), of: current.name) }
      return
    }
    var clean = cleaner.block(Array(bytes), of: current.name)
    if skip > 0 {
      // A line is kept whole or not at all; cleaning takes no line away.
      let end = bytes[skip...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
      let lines = bytes[..<end].count { $0 == 0x0a }
      skip = 0
      clean.removeFirst(Self.end(ofLines: lines, in: clean))
    }
    guard !clean.isEmpty else { return }
    keep(clean)
    clean.withUnsafeBytes { next.block($0) }
  }

  /// Where the first `count` lines of `bytes` end.
  private static func end(ofLines count: Int, in bytes: [UInt8]) -> Int {
    var left = count
    guard left > 0 else { return 0 }
    for (position, byte) in bytes.enumerated() where byte == 0x0a {
      left -= 1
      if left == 0 { return position + 1 }
    }
    return bytes.count
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
