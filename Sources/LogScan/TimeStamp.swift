import Model

/// A time as a log writes it, before the year and the zone that it leaves out are known.
struct TimeStamp {
  var year: Int?
  var month: Int
  var day: Int
  var secondsOfDay: Double
  /// Seconds east of UTC.
  var offset: Int?

  /// The moment; a missing year is the one that puts it nearest before `reference`.
  func moment(before reference: LogTime?, zone: TimeZoneRule?) -> LogTime? {
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    var year = self.year ?? 1970
    if self.year == nil, let reference {
      let (thisYear, _, _) = Calendar.date(daysSince1970: Int((reference.seconds / 86_400).rounded(.down)))
      let days = Calendar.days(year: thisYear, month: month, day: day)
      year = Double(days) * 86_400 > reference.seconds + 2 * 86_400 ? thisYear - 1 : thisYear
    }
    let local = Double(Calendar.days(year: year, month: month, day: day)) * 86_400 + secondsOfDay
    if let offset { return LogTime(seconds: local - Double(offset), hasZone: true) }
    if let zone { return LogTime(seconds: local - Double(zone(local)), hasZone: true) }
    return LogTime(seconds: local, hasZone: false)
  }
}

/// The seconds east of UTC at a local time, for logs that name no zone.
public typealias TimeZoneRule = @Sendable (_ localSeconds: Double) -> Int

extension ByteCursor {
  /// `2026-11-23T10:00:00.123456+01:00`, with a space for the `T`, without the offset, or with `UTC` after it.
  mutating func isoTime() -> TimeStamp? {
    let start = position
    guard let year = number(4...4), take("-") || take("/"), let month = number(2...2), take("-") || take("/"),
      let day = number(2...2), take("T") || take(" "), let seconds = clock()
    else {
      position = start
      return nil
    }
    var stamp = TimeStamp(year: year, month: month, day: day, secondsOfDay: seconds, offset: nil)
    if take("Z") || take(" UTC") || take(" +0000 UTC") {
      stamp.offset = 0
    } else if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") {
      let back = position
      let sign = byte == UInt8(ascii: "-") ? -1 : 1
      position += 1
      if let hours = number(2...2) {
        _ = take(":")
        stamp.offset = sign * (hours * 3600 + (number(2...2) ?? 0) * 60)
      } else {
        position = back
      }
    }
    return stamp
  }

  /// `10:00:00.123`, in seconds of the day.
  mutating func clock() -> Double? {
    let start = position
    guard let hour = number(1...2), hour < 24, take(":"), let minute = number(2...2), minute < 60, take(":"),
      let second = number(2...2), second < 61
    else {
      position = start
      return nil
    }
    return Double(hour * 3600 + minute * 60 + second) + fraction()
  }

  /// `Nov 23 10:00:00`, `Nov 23 10:00:00.123 2026`, `11月 23 10:00:00`.
  mutating func syslogTime() -> TimeStamp? {
    let start = position
    guard let month = monthName(), skipSpaces(), let day = number(1...2), skipSpaces(), let seconds = clock() else {
      position = start
      return nil
    }
    let back = position
    if take(" "), let year = number(4...4), (1990...2100).contains(year), byte == 0x20 || byte == UInt8(ascii: "]") {
      return TimeStamp(year: year, month: month, day: day, secondsOfDay: seconds, offset: nil)
    }
    position = back
    return TimeStamp(year: nil, month: month, day: day, secondsOfDay: seconds, offset: nil)
  }

  private mutating func monthName() -> Int? {
    let start = position
    let names: [StaticString] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    for (index, name) in names.enumerated() where take(name) { return index + 1 }
    if let month = number(1...2), take("月") { return month }
    position = start
    return nil
  }

  /// klog's `E1123 10:00:00.123456`: level, month and day, time.
  mutating func klogTime() -> TimeStamp? {
    let start = position
    guard let level = byte, "IWEF".utf8.contains(level) else { return nil }
    position += 1
    guard let month = number(2...2), let day = number(2...2), take(" "), skipOptionalSpaces(), let seconds = clock()
    else {
      position = start
      return nil
    }
    return TimeStamp(year: nil, month: month, day: day, secondsOfDay: seconds, offset: nil)
  }

  private mutating func skipOptionalSpaces() -> Bool {
    skipSpaces()
    return true
  }
}
