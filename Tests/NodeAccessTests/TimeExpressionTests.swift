import Model
import Testing

@testable import NodeAccess

/// The expectations are those of `systemd-analyze timestamp`, systemd 252, at 2026-11-25 09:30:00.5 in a zone one
/// hour east of UTC.
@Suite struct TimeExpressionTests {
  static let now = 1_795_595_400.5
  static let zone = LocalZone.fixed(3600)

  @Test(arguments: [
    ("now", 1_795_595_400.5),
    ("today", 1_795_561_200), ("yesterday", 1_795_474_800), ("tomorrow", 1_795_647_600),
    ("@1795000000", 1_795_000_000), ("@1795000000.25", 1_795_000_000.25),
    ("-2h", 1_795_588_200.5), ("+1min", 1_795_595_460.5), ("1 hour ago", 1_795_591_800.5),
    ("2h 30min ago", 1_795_586_400.5), ("2h30min ago", 1_795_586_400.5), ("90 left", 1_795_595_490.5),
    ("1d ago", 1_795_509_000.5), ("500ms ago", 1_795_595_400), ("1M ago", 1_792_965_600.5),
    ("2026-11-24 10:00", 1_795_510_800), ("2026-11-24 10:00:05.5", 1_795_510_805.5),
    ("2026-11-24", 1_795_474_800), ("26-11-24", 1_795_474_800), ("Tue 2026-11-24 10:00", 1_795_510_800),
    ("2026-11-24 10:00 UTC", 1_795_514_400), ("2026-11-24T10:00:00Z", 1_795_514_400),
    ("2026-11-24T10:00:00+02:00", 1_795_507_200), ("2026-11-24T10:00", 1_795_510_800),
    ("08:15", 1_795_590_900), ("08:15:30", 1_795_590_930), (" 08:15 ", 1_795_590_900),
  ])
  func reads(_ text: String, _ expected: Double) {
    #expect(TimeExpression.moment(of: text, now: Self.now, zone: Self.zone) == expected)
  }

  @Test(arguments: [
    "", " ", "soon", "25:00", "10:60", "2026-13-01", "2026-02-30", "@", "@x", "@1e99", "-", "-h", "2 parsecs ago",
    "2026-11-24 10:00 10:00", "ago", " ago", "@999999999999999", "10:", "1-2-3-4", "2026-11-24T",
    "99999999999999999999h ago",
  ])
  func refuses(_ text: String) {
    #expect(TimeExpression.moment(of: text, now: Self.now, zone: Self.zone) == nil)
  }

  @Test func aDayThatChangesItsOffsetBeginsAtItsOwnMidnight() {
    // One hour east until 1,795,600,000, then two.
    let zone = LocalZone(
      offsetAt: { $0 < 1_795_600_000 ? 3600 : 7200 }, moment: { $0 - ($0 - 3600 < 1_795_600_000 ? 3600 : 7200) })
    #expect(TimeExpression.moment(of: "today", now: 1_795_620_000, zone: zone) == 1_795_561_200)
  }
}

@Suite struct LogWindowTests {
  private func window(_ since: String?, _ until: String?, _ boot: String? = nil) throws -> LogWindow {
    try LogWindow(since: since, until: until, boot: boot, now: 1_795_595_400, zone: .fixed(3600))
  }

  @Test func includesItsEnds() throws {
    let times = try #require(try window("-1h", "-30min").times)
    func contains(_ seconds: Double, zone: Bool = true) -> Bool {
      times.contains(LogTime(seconds: seconds, hasZone: zone))
    }
    #expect(contains(1_795_591_800) && contains(1_795_593_600))
    #expect(!contains(1_795_591_799) && !contains(1_795_593_601))
    // A log that names no zone has the clock of the one who asks.
    #expect(contains(1_795_595_400, zone: false) && !contains(1_795_591_800, zone: false))
    // Nobody knows the year of this one.
    #expect(contains(28_000_000, zone: false))
  }

  @Test func refusesWhatIsNoTime() {
    #expect(throws: LogWindowError.self) { try window("soon", nil) }
    #expect(throws: LogWindowError.self) { try window("now", "-1h") }
    #expect(throws: LogWindowError.self) { try window(nil, nil, "last") }
  }

  @Test func readsBoots() throws {
    let id = try #require(BootID("0123456789abcdef0123456789abcdef"))
    #expect(id.hex == "0123456789abcdef0123456789abcdef")
    #expect(BootChoice("-1") == .number(-1))
    #expect(BootChoice("0") == .number(0))
    #expect(BootChoice("01234567-89ab-cdef-0123-456789abcdef") == .id(id, offset: 0))
    #expect(BootChoice("0123456789abcdef0123456789abcdef-2") == .id(id, offset: -2))
    #expect(BootChoice("0123456789abcdef0123456789abcdef+1") == .id(id, offset: 1))
    for text in ["", "x", "0123456", "-", "0123456789abcdef0123456789abcdefx", "0123456789abcdef0123456789abcdef-"] {
      #expect(BootChoice(text) == nil, "\(text)")
    }
  }

  @Test func aLongBootIsReadAtItsBeginningAndItsEnd() throws {
    let now = 1_795_595_400.0
    let times = try #require(LogWindow.recent(now: now, booted: now - 10 * 86_400).times)
    func contains(_ ago: Double) -> Bool { times.contains(LogTime(seconds: now - ago, hasZone: true)) }
    #expect(contains(0) && contains(86_400) && !contains(86_500))
    #expect(contains(10 * 86_400 + 599) && contains(10 * 86_400 - 599))
    #expect(!contains(10 * 86_400 + 700) && !contains(10 * 86_400 - 700))
  }

  @Test func spansThatTouchAreOne() {
    let times = TimeWindow([.init(since: 5, until: 9), .init(since: 0, until: 6), .init(since: 20, until: 30)])
    #expect(times.spans == [.init(since: 0, until: 9), .init(since: 20, until: 30)])
  }
}
