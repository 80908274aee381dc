import Glibc
import Model

/// The fields of one journal entry that a log line shows.
///
/// Used for one entry after the other: its buffer is kept, because a journal holds millions. A value, because each
/// access to a property of a class is checked at run time, which took a tenth of the reading; one buffer for all fields,
/// because seven took another tenth.
/// - SeeAlso: systemd.journal-fields(7)
struct JournalEntry {
  /// `__REALTIME_TIMESTAMP`: microseconds since 1970-01-01 UTC.
  var microseconds: UInt64 = 0
  /// The values of the fields, one after the other; where each of them is, follows.
  private var values: [UInt8] = []
  private var host = 0..<0
  private var identifier = 0..<0
  private var unit = 0..<0
  private var pid = 0..<0
  private var message = 0..<0
  /// `UNIT`: of which unit PID 1 speaks.
  private var subject = 0..<0
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
    guard units != nil, !unit.isEmpty else { return false }
    return values.withUnsafeBytes { values in
      func value(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: values[range]) }
      let unit = value(unit)
      guard units?.contain(unit) == false else { return false }
      if unit.elementsEqual("init.scope".utf8) {
        return !message.isEmpty && units?.containSubject(value(subject)) == false
      }
      return !identifier.isEmpty && units?.contain(value(identifier)) == false
    }
  }

  /// Forgets the entry.
  mutating func reset() {
    microseconds = 0
    monotonic = 0
    kept.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    host = 0..<0
    identifier = 0..<0
    unit = 0..<0
    pid = 0..<0
    message = 0..<0
    subject = 0..<0
  }

  /// Takes `NAME=value`; names that no line shows are passed over. Whether it says who wrote the entry.
  @discardableResult
  mutating func set(field: UnsafeRawBufferPointer) -> Bool {
    guard field.count > 2 else { return false }
    if keepsExport { keep(field) }
    switch field[0] {
    case UInt8(ascii: "M"): message = take(field, "MESSAGE=") ?? message
    case UInt8(ascii: "S"):
      guard let range = take(field, "SYSLOG_IDENTIFIER=") else { return false }
      identifier = range
      return true
    case UInt8(ascii: "U"): subject = take(field, "UNIT=") ?? subject
    case UInt8(ascii: "_"):
      switch field[1] {
      case UInt8(ascii: "P"): pid = take(field, "_PID=") ?? pid
      case UInt8(ascii: "H"): host = take(field, "_HOSTNAME=") ?? host
      case UInt8(ascii: "S"):
        guard let range = take(field, "_SYSTEMD_UNIT=") else { return false }
        unit = range
        return true
      case UInt8(ascii: "_"):
        if let range = take(field, "__REALTIME_TIMESTAMP=") { microseconds = number(range) }
        if let range = take(field, "__MONOTONIC_TIMESTAMP=") { monotonic = number(range) }
      default: break
      }
    default: break
    }
    return false
  }

  private func number(_ range: Range<Int>) -> UInt64 { UInt64(String(decoding: values[range], as: UTF8.self)) ?? 0 }

  /// Where the value of the field is now, if `name` is its name.
  private mutating func take(_ field: UnsafeRawBufferPointer, _ name: StaticString) -> Range<Int>? {
    let count = name.utf8CodeUnitCount
    // Most fields are others, and most of these have no equals sign there.
    guard let base = field.baseAddress, field.count >= count, field[count - 1] == UInt8(ascii: "="),
      memcmp(base, name.utf8Start, count) == 0
    else { return nil }
    let start = values.count
    values.append(contentsOf: UnsafeRawBufferPointer(rebasing: field[count...]))
    return start..<values.count
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
    let writer = identifier.isEmpty ? unit : identifier
    message = put(clean(Array(values[message]), Array(values[writer])))
    host = put(clean(Array(values[host]), nil))
    kept = clean(kept, nil)
  }

  private mutating func put(_ value: [UInt8]) -> Range<Int> {
    values.append(contentsOf: value)
    return values.count - value.count..<values.count
  }

  /// The entry in the journal export format, with an empty line at its end.
  ///
  /// - SeeAlso: https://systemd.io/JOURNAL_EXPORT_FORMATS/
  var export: [UInt8] {
    var bytes = Array("__REALTIME_TIMESTAMP=\(microseconds)\n__MONOTONIC_TIMESTAMP=\(monotonic)\n".utf8)
    bytes.append(contentsOf: kept)
    if values[message].contains(0x0a) {
      bytes.append(contentsOf: "MESSAGE\n".utf8)
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: message.count >> (8 * shift))) }
    } else {
      bytes.append(contentsOf: "MESSAGE=".utf8)
    }
    bytes.append(contentsOf: values[message])
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
    append("Z ", to: &line)
    if host.isEmpty { append("localhost", to: &line) } else { append(host, to: &line) }
    line.append(0x20)
    if !identifier.isEmpty {
      append(identifier, to: &line)
    } else if unit.isEmpty {
      append("unknown", to: &line)
    } else {
      append(unit, to: &line)
    }
    if !pid.isEmpty {
      line.append(0x5b)
      append(pid, to: &line)
      line.append(0x5d)
    }
    append(": ", to: &line)
    let start = line.count
    append(message, to: &line)
    line.withUnsafeMutableBytes { bytes in
      var rest = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
      while let base = rest.baseAddress, let newline = memchr(base, 0x0a, rest.count) {
        newline.storeBytes(of: 0x20, as: UInt8.self)
        rest = UnsafeMutableRawBufferPointer(rebasing: rest[(newline - base + 1)...])
      }
    }
    line.append(0x0a)
  }

  private func append(_ range: Range<Int>, to line: inout [UInt8]) {
    values.withUnsafeBytes { line.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  private func append(_ text: StaticString, to line: inout [UInt8]) {
    line.append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
