import Model

/// Cuts a stream of bytes into blocks of whole lines for a sink.
///
/// A line longer than a block is passed on in pieces, so that memory stays bounded. Journal exports are turned into
/// one line an entry on the way.
final class BlockFeeder {
  private let sink: any LogSink
  private let journalSink: (any JournalSink)?
  /// Whether reading should stop.
  var isCancelled: Bool { sink.isCancelled }
  /// Whether the sink wants journal entries whole.
  var keepsJournals: Bool { journalSink != nil }
  private let name: String
  private let modified: LogTime?
  private var pending: [UInt8] = []
  private var hasBegun = false
  private var export: ExportReader?

  init(_ sink: any LogSink, name: String, modified: LogTime?) {
    self.sink = sink
    journalSink = sink as? any JournalSink
    self.name = name
    self.modified = modified
    pending.reserveCapacity(LogInputs.blockSize * 2)
  }

  /// Takes the next bytes of the input.
  func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  /// Takes the next bytes of the input.
  func add(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    if !hasBegun {
      hasBegun = true
      sink.begin(name, modified: modified)
      if ExportReader.isExport(bytes) { export = ExportReader(JournalEntry(keepingExport: journalSink != nil)) }
    }
    if export != nil {
      export?.add(bytes) { append($0) }
    } else {
      pending.append(contentsOf: bytes)
      if pending.count >= LogInputs.blockSize { flush(isLast: false) }
    }
  }

  /// Adds a journal entry as one line.
  func append(_ entry: JournalEntry) {
    if !hasBegun {
      hasBegun = true
      sink.begin(name, modified: modified)
    }
    if let journalSink {
      entry.clean(with: journalSink.clean)
      journalSink.entry(entry.export)
    }
    entry.write(to: &pending)
    if pending.count >= LogInputs.blockSize { flush(isLast: false) }
  }

  /// Passes on what is left; whether there was any input.
  @discardableResult
  func finish() -> Bool {
    guard hasBegun else { return false }
    export?.finish { append($0) }
    flush(isLast: true)
    sink.end()
    hasBegun = false
    return true
  }

  private func flush(isLast: Bool) {
    var end = pending.count
    if !isLast, let newline = pending.lastIndex(of: 0x0a) { end = newline + 1 }
    pending.withUnsafeBytes { sink.block(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    pending.removeFirst(end)
  }
}
