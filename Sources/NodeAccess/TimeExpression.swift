import Glibc
import Model

/// The rules of a time zone, as far as reading a time needs them.
struct LocalZone: Sendable {
  /// Seconds east of UTC at a moment (seconds since 1970 UTC).
  let offsetAt: @Sendable (_ moment: Double) -> Int
  /// Seconds since 1970 UTC of a local time, given as if it were UTC.
  let moment: @Sendable (_ local: Double) -> Double

  /// A zone that never changes, `offset` seconds east of UTC.
  static func fixed(_ offset: Int) -> LocalZone {
    LocalZone(offsetAt: { _ in offset }, moment: { $0 - Double(offset) })
  }

  /// The zone of `TZ` or `/etc/localtime`.
  ///
  /// - SeeAlso: tzset(3)
  static let system = LocalZone(
    offsetAt: { moment in
      var seconds = time_t(max(-1e11, min(1e11, moment)))
      var parts = tm()
      localtime_r(&seconds, &parts)
      return Int(parts.tm_gmtoff)
    },
    moment: { local in
      var seconds = time_t(max(-1e11, min(1e11, local.rounded(.down))))
      var parts = tm()
      gmtime_r(&seconds, &parts)
      parts.tm_isdst = -1
      return Double(mktime(&parts)) + (local - local.rounded(.down))
    })
}

/// A time as journalctl reads it after `--since` and `--until`.
///
/// - SeeAlso: systemd.time(7), PARSING TIMESTAMPS
enum TimeExpression {
  /// Seconds since 1970-01-01 UTC; nil where `text` is no time.
  static func moment(of text: String, now: Double, zone: LocalZone) -> Double? {
    let text = text.filter { $0 != "\0" }.trimmed
    if text.utf8.count > 100 || text.isEmpty { return nil }
    let today = startOfDay(now, zone, days: 0)
    switch text {
    case "now": return now
    case "today": return today
    case "yesterday": return startOfDay(now, zone, days: -1)
    case "tomorrow": return startOfDay(now, zone, days: 1)
    default: break
    }
    if text.hasPrefix("@") { return number(text.dropFirst()) }
    if text.hasPrefix("+") { return span(text.dropFirst()).map { now + $0 } }
    if text.hasPrefix("-") { return span(text.dropFirst()).map { now - $0 } }
    if text.hasSuffix(" ago") { return span(text.dropLast(4)).map { now - $0 } }
    if text.hasSuffix(" left") { return span(text.dropLast(5)).map { now + $0 } }
    return date(text, now: now, zone: zone)
  }

  /// The first second of the day that is `days` after the one of `now`.
  private static func startOfDay(_ now: Double, _ zone: LocalZone, days: Double) -> Double {
    let local = now + Double(zone.offsetAt(now))
    return zone.moment(((local / 86_400).rounded(.down) + days) * 86_400)
  }

  private static func number(_ text: Substring) -> Double? {
    guard !text.isEmpty, text.allSatisfy({ $0.isASCIIDigit || $0 == "." }), let value = Double(text), value < 1e11
    else { return nil }
    return value
  }

  private static let units: [(names: [String], seconds: Double)] = [
    (["us", "usec", "µs", "μs"], 1e-6), (["ms", "msec"], 1e-3), (["s", "sec", "second", "seconds", ""], 1),
    (["m", "min", "minute", "minutes"], 60), (["h", "hr", "hour", "hours"], 3600), (["d", "day", "days"], 86_400),
    (["w", "week", "weeks"], 604_800), (["M", "month", "months"], 2_629_800), (["y", "year", "years"], 31_557_600),
  ]

  /// `2h`, `1 hour 30min`, `90`: in seconds.
  static func span(_ text: Substring) -> Double? {
    var rest = text.drop { $0 == " " }
    guard !rest.isEmpty else { return nil }
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCIIDigit || $0 == "." }
      rest = rest.dropFirst(digits.count).drop { $0 == " " }
      let name = rest.prefix { !$0.isASCIIDigit && $0 != " " }
      rest = rest.dropFirst(name.count).drop { $0 == " " }
      guard let value = number(digits), let unit = units.first(where: { $0.names.contains(String(name)) }) else {
        return nil
      }
      total += value * unit.seconds
    }
    return total < 1e11 ? total : nil
  }

  /// `Tue 2026-11-24 10:00:00.5 UTC` and all that leaves parts of it out.
  private static func date(_ text: String, now: Double, zone: LocalZone) -> Double? {
    var words = text.split(separator: " ", omittingEmptySubsequences: true)
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    if let first = words.first?.lowercased(), first.allSatisfy(\.isLetter), first.count >= 3,
      days.contains(String(first.prefix(3)))
    {
      words.removeFirst()
    }
    var zone = zone
    if let last = words.last, last == "UTC" || last == "Z" {
      zone = .fixed(0)
      words.removeLast()
    }
    if words.count == 1, let split = words.first?.firstIndex(of: "T"), let word = words.first {
      words = [word[..<split], word[word.index(after: split)...]]
      if let (clock, offset) = rfc3339(words[1]) {
        words[1] = clock
        zone = .fixed(offset)
      }
    }
    guard (1...2).contains(words.count), let first = words.first else { return nil }
    let local = now + Double(zone.offsetAt(now))
    var day: Double? = (local / 86_400).rounded(.down)
    var clock: Double? = 0
    if words.count == 2 {
      day = dayNumber(first)
      clock = seconds(words[1])
    } else if first.contains("-") {
      day = dayNumber(first)
    } else {
      clock = seconds(first)
    }
    guard let day, let clock else { return nil }
    return zone.moment(day * 86_400 + clock)
  }

  /// The clock and the seconds east of UTC of `10:00:00Z` and `10:00:00+01:00`.
  private static func rfc3339(_ text: Substring) -> (Substring, Int)? {
    if text.hasSuffix("Z") { return (text.dropLast(), 0) }
    guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return nil }
    let digits = text[text.index(after: sign)...].filter { $0 != ":" }
    guard digits.count == 4, digits.allSatisfy(\.isASCIIDigit), let value = Int(digits) else { return nil }
    let seconds = value / 100 * 3600 + value % 100 * 60
    return (text[..<sign], text[sign] == "-" ? -seconds : seconds)
  }

  /// The days since 1970 of `2026-11-24` or `26-11-24`.
  private static func dayNumber(_ text: Substring) -> Double? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
      part.allSatisfy(\.isASCIIDigit) && part.count <= 4 ? Int(part) : nil
    }
    guard parts.count == 3, var year = parts[0], let month = parts[1], let day = parts[2] else { return nil }
    if year < 100 { year += year < 69 ? 2000 : 1900 }
    guard year >= 1970, (1...12).contains(month), (1...31).contains(day) else { return nil }
    let days = Calendar.days(year: year, month: month, day: day)
    guard Calendar.date(daysSince1970: days) == (year, month, day) else { return nil }
    return Double(days)
  }

  /// The seconds of `10:00` or `10:00:00.5` in its day.
  private static func seconds(_ text: Substring) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
      let hour = Int(parts[0]), (0...23).contains(hour), let minute = Int(parts[1]), (0...59).contains(minute)
    else { return nil }
    guard parts.count == 3 else { return Double(hour * 3600 + minute * 60) }
    guard let second = number(parts[2]), second < 61 else { return nil }
    return Double(hour * 3600 + minute * 60) + second
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...].drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
