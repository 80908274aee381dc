import Glibc
import Model

/// Which boot of a journal is meant, as journalctl counts them.
///
/// - SeeAlso: journalctl(1), `--boot`
public enum BootChoice: Sendable, Equatable {
  /// 0 is the last boot, -1 the one before it, 1 the first in the journal.
  case number(Int)
  /// The boot of this id, or the one that comes so many after it.
  case id(BootID, offset: Int)

  /// Reads `0`, `-1`, an id in 32 hexadecimal digits, or an id with an offset; nil for anything else.
  public init?(_ text: String) {
    if text.utf8.count <= 6, let number = Int(text) {
      self = .number(number)
      return
    }
    let digits = text.prefix { $0.isHexDigit || $0 == "-" }
    var hex = digits.filter { $0 != "-" }
    var rest = text.dropFirst(digits.count)
    if hex.utf8.count > 32 || digits.last == "-", let sign = digits.lastIndex(of: "-") {
      hex = digits[..<sign].filter { $0 != "-" }
      rest = text[sign...]
    }
    guard let id = BootID(hex) else { return nil }
    guard !rest.isEmpty else {
      self = .id(id, offset: 0)
      return
    }
    guard rest.utf8.count <= 6, let offset = Int(rest) else { return nil }
    self = .id(id, offset: offset)
  }
}

/// The id that the kernel gives to one boot: 128 bits.
public struct BootID: Sendable, Hashable {
  let high: UInt64
  let low: UInt64

  /// Reads 32 hexadecimal digits.
  public init?(_ hex: String) {
    guard hex.utf8.count == 32, hex.allSatisfy({ $0.isASCII && $0.isHexDigit }),
      let high = UInt64(hex.prefix(16), radix: 16), let low = UInt64(hex.suffix(16), radix: 16)
    else { return nil }
    self.high = high
    self.low = low
  }

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// 32 hexadecimal digits.
  var hex: String {
    [high, low].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

/// The part of the logs that is looked at.
public struct LogWindow: Sendable, Equatable {
  /// The spans; nil where all times are meant.
  public var times: TimeWindow?
  /// The boot; nil for all. Only journals know boots.
  public var boot: BootChoice?
  /// Whether the last ten minutes of the boot before the last, and all that matters of the last, are meant.
  public var isRecent = false

  /// Everything.
  public static let all = LogWindow()

  /// What a live node is judged by: see `recent(now:booted:)`.
  static let previousBootTail = 600.0
  static let bootHead = 600.0
  static let horizon = 86_400.0

  init(times: TimeWindow? = nil, boot: BootChoice? = nil) {
    self.times = times
    self.boot = boot
  }

  /// Reads the values of `--since`, `--until` and `--boot`.
  ///
  /// - Parameter now: seconds since 1970 UTC.
  /// - Throws: the words that are no time or no boot.
  public init(since: String?, until: String?, boot: String?, now: Double) throws(LogWindowError) {
    try self.init(since: since, until: until, boot: boot, now: now, zone: .system)
  }

  init(since: String?, until: String?, boot: String?, now: Double, zone: LocalZone) throws(LogWindowError) {
    func moment(_ text: String?, _ option: String) throws(LogWindowError) -> Double? {
      guard let text else { return nil }
      guard let moment = TimeExpression.moment(of: text, now: now, zone: zone) else {
        throw LogWindowError(option: option, text: text)
      }
      return moment
    }
    let from = try moment(since, "--since")
    let to = try moment(until, "--until")
    if let from, let to, from > to {
      throw LogWindowError(option: "--until (which is before --since)", text: until ?? "")
    }
    if from != nil || to != nil {
      times = TimeWindow(
        [TimeWindow.Span(since: from ?? -.infinity, until: to ?? .infinity)], offset: zone.offsetAt(from ?? to ?? now))
    }
    if let boot, boot != "all" {
      guard let choice = BootChoice(boot) else { throw LogWindowError(option: "--boot", text: boot) }
      self.boot = choice
    }
  }

  /// What a live node is judged by: the last 24 hours of this boot, its first ten minutes, which hold what the kernel
  /// says once, and the last ten minutes of the boot before, which may hold why it ended.
  ///
  /// Failures that last are in the last 24 hours, however long ago they began; what is older tells of another day.
  /// - Parameters:
  ///   - now: seconds since 1970 UTC.
  ///   - booted: when this boot began; the end of the boot before is told from it where no journal knows better.
  public static func recent(now: Double, booted: Double) -> LogWindow {
    let recent = TimeWindow.Span(since: max(booted, now - horizon))
    let start = TimeWindow.Span(since: booted - previousBootTail, until: booted + bootHead)
    var window = LogWindow(times: TimeWindow([start, recent], offset: LocalZone.system.offsetAt(now)))
    window.isRecent = true
    return window
  }

  /// Whether nothing is left out.
  var isEverything: Bool { times == nil && boot == nil }
}

/// A value on the command line that is no time or no boot.
public struct LogWindowError: Error, Sendable, CustomStringConvertible {
  let option: String
  let text: String

  public var description: String { "`\(text)` is no value for \(option); see systemd.time(7)" }
}
