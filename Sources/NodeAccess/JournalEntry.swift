import Glibc
import Model

/// The fields of one journal entry that a log line shows.
///
/// Used for one entry after the other: its buffers are kept, because a journal holds millions. A value, because each
/// access to a property of a class is checked at run time, which took a tenth of the reading.
/// - SeeAlso: systemd.journal-fields(7)
struct JournalEntry {
  /// `__REALTIME_TIMESTAMP`: microseconds since 1970-01-01 UTC.
  var microseconds: UInt64 = 0
  private var host: [UInt8] = []
  private var identifier: [UInt8] = []
  private var unit: [UInt8] = []
  private var pid: [UInt8] = []
  private var message: [UInt8] = []
  /// `UNIT`: of which unit PID 1 speaks.
  private var subject: [UInt8] = []
  /// The units whose lines are wanted; nil for all.
  private var units: JournalUnits?
  /// The second of the last entry, as it is written.
  private var second: (value: UInt64, text: [UInt8]) = (.max, [])

  /// `__MONOTONIC_TIMESTAMP`: microseconds since the boot.
  var monotonic: UInt64 = 0
  /// Lines `NAME=value` of the fields that a recording keeps.
  private var kept: [UInt8] = []
  /// Whether `export` will be asked for.
  let keepsExport: Bool

  /// - Parameters:
  ///   - units: the units whose lines are wanted; nil for all.
  ///   - keepingExport: whether `export` will be asked for.
  init(units: JournalUnits? = nil, keepingExport: Bool = false) {
    self.units = units
    keepsExport = keepingExport
  }

  /// Whether there is nothing to show.
  var isEmpty: Bool { message.isEmpty }

  /// Whether none of the units that are wanted wrote the entry, as far as its fields are known.
  mutating func isForeign() -> Bool {
    guard units != nil, !unit.isEmpty, units?.contain(unit) == false else { return false }
    if unit.elementsEqual("init.scope".utf8) { return !message.isEmpty && units?.containSubject(subject) == false }
    return !identifier.isEmpty && units?.contain(identifier) == false
  }

  /// Forgets the entry.
  mutating func reset() {
    microseconds = 0
    monotonic = 0
    kept.removeAll(keepingCapacity: true)
    host.removeAll(keepingCapacity: true)
    identifier.removeAll(keepingCapacity: true)
    unit.removeAll(keepingCapacity: true)
    pid.removeAll(keepingCapacity: true)
    message.removeAll(keepingCapacity: true)
    subject.removeAll(keepingCapacity: true)
  }

  /// Takes `NAME=value`; names that no line shows are passed over. Whether it says who wrote the entry.
  @discardableResult
  mutating func set(field: UnsafeRawBufferPointer) -> Bool {
    guard field.count > 2 else { return false }
    if keepsExport { keep(field) }
    switch field[0] {
    case UInt8(ascii: "M"): Self.copy(field, "MESSAGE=", to: &message)
    case UInt8(ascii: "S"): return Self.copy(field, "SYSLOG_IDENTIFIER=", to: &identifier)
    case UInt8(ascii: "U"): Self.copy(field, "UNIT=", to: &subject)
    case UInt8(ascii: "_"):
      switch field[1] {
      case UInt8(ascii: "P"): Self.copy(field, "_PID=", to: &pid)
      case UInt8(ascii: "H"): Self.copy(field, "_HOSTNAME=", to: &host)
      case UInt8(ascii: "S"): return Self.copy(field, "_SYSTEMD_UNIT=", to: &unit)
      case UInt8(ascii: "_"):
        var time: [UInt8] = []
        Self.copy(field, "__REALTIME_TIMESTAMP=", to: &time)
        if !time.isEmpty { microseconds = UInt64(String(decoding: time, as: UTF8.self)) ?? 0 }
        time.removeAll()
        Self.copy(field, "__MONOTONIC_TIMESTAMP=", to: &time)
        if !time.isEmpty { monotonic = UInt64(String(decoding: time, as: UTF8.self)) ?? 0 }
      default: break
      }
    default: break
    }
    return false
  }

  @discardableResult
  private static func copy(_ field: UnsafeRawBufferPointer, _ name: StaticString, to buffer: inout [UInt8]) -> Bool {
    let count = name.utf8CodeUnitCount
    guard let base = field.baseAddress, field.count >= count, memcmp(base, name.utf8Start, count) == 0 else {
      return false
    }
    buffer.removeAll(keepingCapacity: true)
    buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: field[count...]))
    return true
  }

  /// The fields of a recording besides the message and the times: what a line or a rule can show, and what
  /// systemd-journal-remote(8) needs.
  private static let keptNames: Set<String> = [
    "_BOOT_ID", "_MACHINE_ID", "_HOSTNAME", "_TRANSPORT", "_SYSTEMD_UNIT", "_PID", "_UID", "_COMM", "PRIORITY",
    "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "UNIT", "OBJECT_SYSTEMD_UNIT", "EXIT_CODE", "EXIT_STATUS",
  ]

  private mutating func keep(_ field: UnsafeRawBufferPointer) {
    guard let end = field.prefix(32).firstIndex(of: UInt8(ascii: "=")), !field.contains(0x0a),
      Self.keptNames.contains(String(decoding: field[..<end], as: UTF8.self))
    else { return }
    kept.append(contentsOf: field)
    kept.append(0x0a)
  }

  /// Puts every text through `clean`.
  mutating func clean(with clean: ([UInt8], _ writer: [UInt8]?) -> [UInt8]) {
    message = clean(message, identifier.isEmpty ? unit : identifier)
    host = clean(host, nil)
    kept = clean(kept, nil)
  }

  /// The entry in the journal export format, with an empty line at its end.
  ///
  /// - SeeAlso: https://systemd.io/JOURNAL_EXPORT_FORMATS/
  var export: [UInt8] {
    var bytes = Array("__REALTIME_TIMESTAMP=\(microseconds)\n__MONOTONIC_TIMESTAMP=\(monotonic)\n".utf8)
    bytes.append(contentsOf: kept)
    if message.contains(0x0a) {
      bytes.append(contentsOf: "MESSAGE\n".utf8)
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: message.count >> (8 * shift))) }
    } else {
      bytes.append(contentsOf: "MESSAGE=".utf8)
    }
    bytes.append(contentsOf: message)
    bytes.append(contentsOf: [0x0a, 0x0a])
    return bytes
  }

  /// Appends the entry as one line, as `journalctl -o short-iso-precise` prints it; newlines become spaces.
  mutating func write(to line: inout [UInt8]) {
    let (seconds, micros) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if seconds != second.value {
      let text = LogTime(seconds: Double(seconds), hasZone: false).rfc3339
      second = (seconds, Array(text.utf8))
    }
    line.append(contentsOf: second.text)
    line.append(UInt8(ascii: "."))
    var divisor: UInt64 = 100_000
    while divisor > 0 {
      line.append(UInt8(ascii: "0") + UInt8(micros / divisor % 10))
      divisor /= 10
    }
    line.append(contentsOf: "Z ".utf8)
    if host.isEmpty { line.append(contentsOf: "localhost".utf8) } else { line.append(contentsOf: host) }
    line.append(0x20)
    if !identifier.isEmpty {
      line.append(contentsOf: identifier)
    } else if unit.isEmpty {
      line.append(contentsOf: "unknown".utf8)
    } else {
      line.append(contentsOf: unit)
    }
    if !pid.isEmpty {
      line.append(0x5b)
      line.append(contentsOf: pid)
      line.append(0x5d)
    }
    line.append(contentsOf: ": ".utf8)
    let start = line.count
    line.append(contentsOf: message)
    line.withUnsafeMutableBytes { bytes in
      var rest = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
      while let base = rest.baseAddress, let newline = memchr(base, 0x0a, rest.count) {
        newline.storeBytes(of: 0x20, as: UInt8.self)
        rest = UnsafeMutableRawBufferPointer(rebasing: rest[(newline - base + 1)...])
      }
    }
    line.append(0x0a)
  }
}
