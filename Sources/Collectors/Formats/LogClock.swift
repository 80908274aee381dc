import Model

/// The time of a node's newest log entry: what a disk without its kernel knows of the time.
///
/// - SeeAlso: RFC 3339, RFC 3164 section 4.1.2, https://systemd.io/JOURNAL_FILE_FORMAT/
enum LogClock {
  private static let tail = 16 << 10
  private static let fileLimit = 400

  /// The newest entry that says its year, in seconds since 1970 UTC, with its file. The node's clock was not behind it.
  static func newest(in source: any Source) -> (seconds: Double, path: String)? {
    var newest: (seconds: Double, path: String)?
    func consider(_ seconds: Double?, _ path: String) {
      if let seconds, seconds > newest?.seconds ?? 0 { newest = (seconds, path) }
    }
    for path in journals(of: source) {
      let stamp = try? source.answer(to: .part(of: path, offset: Journal.newestEntry, length: 8))
      consider(stamp.flatMap(Journal.seconds), path)
    }
    for path in texts(of: source).prefix(fileLimit) {
      guard let bytes = try? source.answer(to: .part(of: path, offset: -tail, length: tail)) else { continue }
      consider(seconds(ofLastEntry: String(decoding: bytes, as: UTF8.self)), path)
    }
    return newest
  }

  /// The header of a journal file.
  private enum Journal {
    /// Where `tail_entry_realtime` stands: microseconds since 1970, little-endian.
    static let newestEntry = 192

    static func seconds(_ bytes: [UInt8]) -> Double? {
      guard bytes.count == 8 else { return nil }
      let micro = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return micro == 0 ? nil : Double(micro / 1_000_000)
    }
  }

  private static func journals(of source: any Source) -> [String] {
    ["/var/log/journal", "/run/log/journal"].flatMap { root in
      source.names(in: root).prefix(20).flatMap { machine in
        source.names(in: "\(root)/\(machine)").filter { $0.hasSuffix(".journal") }.prefix(fileLimit)
          .map { "\(root)/\(machine)/\($0)" }
      }
    }
  }

  private static func texts(of source: any Source) -> [String] {
    let system = source.names(in: "/var/log").filter {
      $0 == "syslog" || $0 == "messages" || $0 == "secure" || $0.hasSuffix(".log")
    }
    let pods = source.names(in: "/var/log/pods").prefix(fileLimit).flatMap { pod in
      source.names(in: "/var/log/pods/\(pod)").prefix(20).flatMap { container in
        source.names(in: "/var/log/pods/\(pod)/\(container)").filter { $0.hasSuffix(".log") }.suffix(1)
          .map { "/var/log/pods/\(pod)/\(container)/\($0)" }
      }
    }
    return system.map { "/var/log/\($0)" } + pods
  }

  /// The time at the beginning of the last line that has one.
  static func seconds(ofLastEntry text: String) -> Double? {
    for line in text.split(separator: "\n").suffix(200).reversed() {
      let bytes = Array(line.utf8.prefix(64))
      if let time = isoTime(bytes) { return time }
      if let (month, day, second) = traditional(bytes) { return neighbour(of: month, day, second, in: text) }
    }
    return nil
  }

  private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    guard range.upperBound <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[range] {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value
  }

  private static func isoDay(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = number(bytes, 0..<4), let month = number(bytes, 5..<7), let day = number(bytes, 8..<10),
      (2000...2199).contains(year), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    return Calendar.days(year: year, month: month, day: day)
  }

  private static func secondOfDay(_ bytes: [UInt8], at place: Int) -> Int? {
    guard bytes.count >= place + 8, bytes[place + 2] == UInt8(ascii: ":"), bytes[place + 5] == UInt8(ascii: ":"),
      let hour = number(bytes, place..<place + 2), let minute = number(bytes, place + 3..<place + 5),
      let second = number(bytes, place + 6..<place + 8), hour < 24, minute < 60, second <= 60
    else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  /// The farthest zone is 14 hours ahead of UTC, so that a time of an unknown zone was not before this.
  private static let unknownZone = 14.0 * 3600

  /// `2026-03-18T07:10:00.123+01:00`, with a blank for the T and without a zone as well.
  private static func isoTime(_ bytes: [UInt8]) -> Double? {
    guard let day = isoDay(bytes), bytes.count >= 19, bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x20,
      let second = secondOfDay(bytes, at: 11)
    else { return nil }
    let time = Double(day) * 86_400 + Double(second)
    var rest = bytes[19...]
    if let mark = rest.first, mark == UInt8(ascii: ".") || mark == UInt8(ascii: ",") {
      rest = rest.dropFirst().drop { (48...57).contains($0) }
    }
    guard let sign = rest.first else { return time - unknownZone }
    if sign == UInt8(ascii: "Z") { return time }
    let digits = Array(rest.dropFirst().prefix(6).filter { (48...57).contains($0) })
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = number(digits, 0..<2),
      let minutes = number(digits, 2..<4)
    else { return time - unknownZone }
    let shift = Double(hours * 3600 + minutes * 60)
    return sign == UInt8(ascii: "+") ? time - shift : time + shift
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// `Mar 18 07:10:00`, which has no year.
  private static func traditional(_ bytes: [UInt8]) -> (month: Int, day: Int, second: Int)? {
    guard bytes.count >= 15, bytes[3] == 0x20, bytes[6] == 0x20,
      let month = months.firstIndex(of: String(decoding: bytes[..<3], as: UTF8.self)),
      let day = bytes[4] == 0x20 ? number(bytes, 5..<6) : number(bytes, 4..<6), (1...31).contains(day),
      let second = secondOfDay(bytes, at: 7)
    else { return nil }
    return (month + 1, day, second)
  }

  /// The time in the earliest year in which a date of the text is near it; the file's own time would be that of a copy.
  private static func neighbour(of month: Int, _ day: Int, _ second: Int, in text: String) -> Double? {
    let bytes = Array(text.utf8)
    var found: Int?
    for place in bytes.indices where bytes[place] == UInt8(ascii: "-") && place >= 4 && place + 6 <= bytes.count {
      guard let named = isoDay(Array(bytes[place - 4..<place + 6])) else { continue }
      let year = Calendar.date(daysSince1970: named).year
      for candidate in year - 1...year + 1 {
        let own = Calendar.days(year: candidate, month: month, day: day)
        if abs(own - named) <= 1 { found = min(found ?? own, own) }
      }
    }
    return found.map { Double($0) * 86_400 + Double(second) - unknownZone }
  }
}
