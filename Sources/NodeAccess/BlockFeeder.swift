import Model

/// Cuts a stream of bytes into blocks of whole lines for a sink.
///
/// A line longer than a block is passed on in pieces, so that memory stays bounded. Journal exports are turned into
/// one line an entry on the way.
final class BlockFeeder {
  private let sink: any LogSink
  /// Whether reading should stop.
  var isCancelled: Bool { sink.isCancelled }
  private let name: String
  private let modified: LogTime?
  private var pending: [UInt8] = []
  private var hasBegun = false
  private var export: ExportReader?

  init(_ sink: any LogSink, name: String, modified: LogTime?) {
    self.sink = sink
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
      if ExportReader.isExport(bytes) { export = ExportReader() }
    }
    if export != nil {
      export?.add(bytes) { append($0) }
    } else {
      pending.append(contentsOf: bytes)
      if pending.count >= LogInputs.blockSize { flush(isLast: false) }
    }
  }

  /// Adds one line, which ends with a newline.
  func append(_ line: [UInt8]) {
    if !hasBegun {
      hasBegun = true
      sink.begin(name, modified: modified)
    }
    pending.append(contentsOf: line)
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

/// Turns a journal export stream into lines as `journalctl -o short-iso-precise` prints them, one an entry.
///
/// - SeeAlso: https://systemd.io/JOURNAL_EXPORT_FORMATS/
struct ExportReader {
  private var bytes: [UInt8] = []
  private var entry = JournalEntry()
  /// A larger field is dropped.
  private static let fieldLimit = 1 << 20

  static func isExport(_ head: UnsafeRawBufferPointer) -> Bool {
    head.starts(with: Array("__CURSOR=".utf8)) || head.starts(with: Array("__REALTIME_TIMESTAMP=".utf8))
  }

  mutating func add(_ new: UnsafeRawBufferPointer, emit: ([UInt8]) -> Void) {
    bytes.append(contentsOf: new)
    var position = 0
    while let newline = bytes[position...].firstIndex(of: 0x0a) {
      let line = bytes[position..<newline]
      if line.isEmpty {
        entry.emit(emit)
        entry = JournalEntry()
        position = newline + 1
      } else if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
        entry.set(line[..<equals], bytes[(equals + 1)..<newline])
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
        entry.set(line, bytes[start..<start + size])
        position = start + size + 1
      }
    }
    bytes.removeFirst(position)
    if bytes.count > 4 * Self.fieldLimit { bytes.removeAll() }
  }

  mutating func finish(emit: ([UInt8]) -> Void) {
    entry.emit(emit)
    entry = JournalEntry()
  }
}

/// The fields of one journal entry that a log line shows.
struct JournalEntry {
  var microseconds: UInt64 = 0
  var host: [UInt8] = []
  var identifier: [UInt8] = []
  var unit: [UInt8] = []
  var pid: [UInt8] = []
  var message: [UInt8] = []

  mutating func set(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
    switch name.count {
    case 4 where name.elementsEqual("_PID".utf8): pid = Array(value)
    case 7 where name.elementsEqual("MESSAGE".utf8): message = Array(value)
    case 9 where name.elementsEqual("_HOSTNAME".utf8): host = Array(value)
    case 13 where name.elementsEqual("_SYSTEMD_UNIT".utf8): unit = Array(value)
    case 17 where name.elementsEqual("SYSLOG_IDENTIFIER".utf8): identifier = Array(value)
    case 20 where name.elementsEqual("__REALTIME_TIMESTAMP".utf8):
      microseconds = UInt64(String(decoding: value, as: UTF8.self)) ?? 0
    default: break
    }
  }

  /// Gives the entry as one line; newlines in the message become spaces.
  func emit(_ emit: ([UInt8]) -> Void) {
    guard !message.isEmpty else { return }
    let time = LogTime(seconds: Double(microseconds) / 1_000_000, hasZone: true)
    var line = Array(time.rfc3339.utf8)
    line.append(0x20)
    line += host.isEmpty ? Array("localhost".utf8) : host
    line.append(0x20)
    line += identifier.isEmpty ? (unit.isEmpty ? Array("unknown".utf8) : unit) : identifier
    if !pid.isEmpty { line += [0x5b] + pid + [0x5d] }
    line += [0x3a, 0x20]
    line += message.lazy.map { $0 == 0x0a ? 0x20 : $0 }
    line.append(0x0a)
    emit(line)
  }
}
