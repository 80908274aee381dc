/// Turns a journal export stream into entries.
///
/// - SeeAlso: https://systemd.io/JOURNAL_EXPORT_FORMATS/
struct ExportReader {
  private var bytes: [UInt8] = []
  private var entry: JournalEntry
  /// A larger field is dropped.
  private static let fieldLimit = 1 << 20

  /// - Parameter entry: an empty entry, which knows what of each is wanted.
  init(_ entry: JournalEntry = JournalEntry()) { self.entry = entry }

  static func isExport(_ head: UnsafeRawBufferPointer) -> Bool {
    head.starts(with: Array("__CURSOR=".utf8)) || head.starts(with: Array("__REALTIME_TIMESTAMP=".utf8))
  }

  /// Takes the next bytes of the stream, and gives every entry that they complete.
  mutating func add(_ new: UnsafeRawBufferPointer, emit: (inout JournalEntry) -> Void) {
    bytes.append(contentsOf: new)
    let taken = bytes
    let used = taken.withUnsafeBytes { read($0, emit) }
    bytes.removeFirst(used)
    if bytes.count > 4 * Self.fieldLimit { bytes.removeAll() }
  }

  /// Gives the last entry, which no blank line need end.
  mutating func finish(emit: (inout JournalEntry) -> Void) {
    if !entry.isEmpty, !entry.isForeign() { emit(&entry) }
    entry.reset()
  }

  /// Reads whole fields from `bytes`; how many bytes they took.
  private mutating func read(_ bytes: UnsafeRawBufferPointer, _ emit: (inout JournalEntry) -> Void) -> Int {
    var position = 0
    while let newline = bytes[position...].firstIndex(of: 0x0a) {
      let line = UnsafeRawBufferPointer(rebasing: bytes[position..<newline])
      if line.isEmpty {
        if !entry.isEmpty, !entry.isForeign() { emit(&entry) }
        entry.reset()
        position = newline + 1
      } else if line.contains(UInt8(ascii: "=")) {
        entry.set(field: line)
        position = newline + 1
      } else {
        // A binary field: its size in 8 bytes, little-endian, then its value and a newline.
        let start = newline + 9
        guard bytes.count >= start else { break }
        var size = 0
        for index in 0..<7 { size |= Int(bytes[newline + 1 + index]) << (8 * index) }
        guard size <= Self.fieldLimit else {
          position = newline + 1
          continue
        }
        guard bytes.count > start + size else { break }
        let field = Array(line) + [UInt8(ascii: "=")] + bytes[start..<start + size]
        _ = field.withUnsafeBytes { entry.set(field: $0) }
        position = start + size + 1
      }
    }
    return position
  }
}
