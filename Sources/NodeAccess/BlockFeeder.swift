import Model

/// Cuts a stream of bytes into blocks of whole lines for a sink.
///
/// A line longer than a block is passed on in pieces, so that memory stays bounded. Journal exports are turned into
/// one line an entry on the way.
final class BlockFeeder {
  private let sink: any LogSink
  /// Whether reading should stop.
  var isCancelled: Bool { sink.isCancelled }
  /// Whether the sink wants journal entries whole.
  let keepsJournals: Bool
  private let name: String
  private let modified: LogTime?
  private var pending: [UInt8] = []
  private var hasBegun = false
  /// Whether the input is no text: nothing of it is passed on.
  private var isBinary = false
  private let isJournal: Bool
  private var export: ExportReader?

  /// - Parameter isJournal: whether entries of a journal come, already chosen by their time.
  init(_ sink: any LogSink, name: String, modified: LogTime?, isJournal: Bool = false) {
    self.isJournal = isJournal
    self.sink = sink
    keepsJournals = sink.keepsEntries
    self.name = name
    self.modified = modified
    pending.reserveCapacity(LogInputs.blockSize * 2)
  }

  /// Takes what is added for a journal export; only the entries of `units` count, where they are given.
  func expectExport(units: JournalUnits?) { export = reader(units: units) }

  private func reader(units: JournalUnits? = nil) -> ExportReader {
    ExportReader(JournalEntry(units: units, keepingExport: keepsJournals))
  }

  /// Takes the next bytes of the input.
  func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  /// Takes the next bytes of the input.
  func add(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty, !isBinary else { return }
    if !hasBegun {
      // A log that was cut while its writer went on begins with a hole.
      if PlainText.isHole(bytes) { return }
      isBinary = PlainText.isBinary(bytes)
      if isBinary { return }
      begin()
      if export == nil, ExportReader.isExport(bytes) { export = reader() }
    }
    if export != nil {
      export?.add(bytes) { append(&$0) }
    } else {
      pending.append(contentsOf: bytes)
      if pending.count >= LogInputs.blockSize { flush(isLast: false) }
    }
  }

  /// Adds a journal entry as one line.
  func append(_ entry: inout JournalEntry) {
    if !hasBegun { begin() }
    if keepsJournals {
      entry.clean(with: sink.clean)
      sink.entry(entry.export)
    }
    entry.write(to: &pending)
    if pending.count >= LogInputs.blockSize { flush(isLast: false) }
  }

  /// Adds whole lines, which are those of journal entries.
  func append(lines: [UInt8]) {
    if !hasBegun { begin() }
    pending.append(contentsOf: lines)
    if pending.count >= LogInputs.blockSize { flush(isLast: false) }
  }

  /// Passes on what is left; whether there was any input.
  @discardableResult
  func finish() -> Bool {
    guard hasBegun else { return false }
    export?.finish { append(&$0) }
    flush(isLast: true)
    sink.end()
    hasBegun = false
    return true
  }

  private func begin() {
    hasBegun = true
    if isJournal { sink.beginJournal(name) } else { sink.begin(name, modified: modified) }
  }

  private func flush(isLast: Bool) {
    var end = pending.count
    if !isLast, let newline = pending.lastIndex(of: 0x0a) { end = newline + 1 }
    pending.withUnsafeBytes { sink.block(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    pending.removeFirst(end)
  }
}
