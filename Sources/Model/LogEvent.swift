/// A moment that a log names, as precisely as the log names it.
public struct LogTime: Sendable, Equatable, Comparable {
  /// Seconds since 1970-01-01 00:00:00, in UTC where `hasZone`, else in the unnamed zone of the log.
  public let seconds: Double
  /// Whether the zone is known.
  public let hasZone: Bool

  /// The years 1 to 9999, which RFC 3339 can write.
  private static let range = -62_135_596_800.0...253_402_300_799.0

  /// - Parameter seconds: what lies outside of the years 1 to 9999 becomes their begin or end, no number 1970-01-01.
  public init(seconds: Double, hasZone: Bool) {
    self.seconds = seconds.isNaN ? 0 : min(max(seconds, Self.range.lowerBound), Self.range.upperBound)
    self.hasZone = hasZone
  }

  public static func < (a: LogTime, b: LogTime) -> Bool { a.seconds < b.seconds }

  /// RFC 3339, with `Z` where the zone is known and without an offset where it is not.
  public var rfc3339: String {
    let whole = Int(seconds.rounded(.down))
    let fraction = Int(((seconds - Double(whole)) * 1_000_000).rounded())
    let (days, rest) = whole.quotientFlooringAndRemainder(dividingBy: 86_400)
    let (year, month, day) = Calendar.date(daysSince1970: days)
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    var text = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
    text += "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))"
    if fraction > 0, fraction < 1_000_000 { text += "." + pad(fraction, 6) }
    return hasZone ? text + "Z" : text
  }
}

extension Int {
  /// Divides so that the remainder is never negative.
  func quotientFlooringAndRemainder(dividingBy divisor: Int) -> (Int, Int) {
    let (q, r) = quotientAndRemainder(dividingBy: divisor)
    return r < 0 ? (q - 1, r + divisor) : (q, r)
  }
}

/// The proleptic Gregorian calendar.
///
/// - SeeAlso: https://howardhinnant.github.io/date_algorithms.html
public enum Calendar {
  /// Days from 1970-01-01 to the given day.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Year, month and day of the day that comes `daysSince1970` days after 1970-01-01.
  public static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

/// One log line without its envelopes.
public struct LogEvent: Sendable, Equatable {
  public let time: LogTime?
  public let host: String?
  /// The component that wrote the line, without `.service`.
  public let unit: String?
  public internal(set) var message: String
  /// The name of the input.
  public let source: String
  /// The line in `source`, counted from 1.
  public let line: Int
  /// The place of the line in all that was read, for the order of events.
  public let sequence: Int
  /// Where in `message` the deciding words stand, in UTF-8 offsets.
  public internal(set) var match: Range<Int>?
  /// Named captures of the signature.
  public let captures: [String: String]

  public init(
    time: LogTime?, host: String?, unit: String?, message: String, source: String, line: Int, sequence: Int,
    match: Range<Int>? = nil, captures: [String: String] = [:]
  ) {
    self.time = time
    self.host = host
    self.unit = unit
    self.message = message
    self.source = source
    self.line = line
    self.sequence = sequence
    self.match = match
    self.captures = captures
  }

  /// Whether this event came later than `other`: by the clock where both have one, else by their place in the input.
  public func isLater(than other: LogEvent) -> Bool {
    if let mine = time, let theirs = other.time, mine != theirs { return mine > theirs }
    return sequence > other.sequence
  }
}

/// All that was seen of one signature on one host.
public struct SignatureHits: Sendable {
  /// How many lines matched.
  public var count = 0
  public var first: LogEvent?
  public var last: LogEvent?
  /// Hits by the value of each subject that was captured.
  public var subjects: [String: LogEvent] = [:]
  /// Whether the signature's demands on number and time were met.
  public var isSatisfied = false

  public init() {}
}

/// What was read of a node.
public struct Observations: Sendable {
  /// Facts by key.
  public var facts: [String: Fact]
  /// For each host (nil: the log names none) the hits by the index of the signature.
  public var hits: [String?: [Int: SignatureHits]]

  public init(facts: [String: Fact] = [:], hits: [String?: [Int: SignatureHits]] = [:]) {
    self.facts = facts
    self.hits = hits
  }
}
