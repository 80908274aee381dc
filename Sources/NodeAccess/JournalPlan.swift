#if LIBSYSTEMD
  import Model

  /// Cuts the part of a journal that a window shows into slices that can be read side by side.
  struct JournalPlan {
    /// About so many entries make a slice; about 2 MB of lines.
    private static let sliceSize: UInt64 = 8_000
    private static let sliceLimit = 4_096

    private let journal: Journal
    private var marks: [JournalMark] = []

    private init(_ journal: Journal) { self.journal = journal }

    /// The slices of `window`, in order; `currentBoot` is the boot that runs, on a live node.
    static func slices(
      of window: LogWindow, in journal: Journal, currentBoot: BootID?
    ) throws(ReadError) -> [JournalSlice] {
      var times = window.times
      if window.isRecent, let currentBoot { times = times.map { recent($0, in: journal, of: currentBoot) } }
      var boot: BootID?
      if let choice = window.boot {
        guard let chosen = journal.boot(choice, current: currentBoot) else {
          throw .failed("holds no entry of the boot that was asked for")
        }
        boot = chosen
      }
      var slices: [JournalSlice] = []
      for (index, span) in (times?.spans ?? [TimeWindow.Span()]).enumerated() {
        slices += Self.slices(of: span, boot: boot, in: journal, number: index)
      }
      return slices
    }

    /// Where the boots of the journal begin and end is known better by the journal than by the clock of now.
    private static func recent(_ window: TimeWindow, in journal: Journal, of boot: BootID) -> TimeWindow {
      guard let (first, before) = journal.start(of: boot) else { return window }
      var spans = window.spans
      let began = Double(first.microseconds) / 1e6
      spans.append(TimeWindow.Span(since: began, until: began + LogWindow.bootHead))
      if let before {
        let ended = Double(before.microseconds) / 1e6
        spans.append(TimeWindow.Span(since: ended - LogWindow.previousBootTail, until: ended))
      }
      return TimeWindow(spans, offset: window.offset)
    }

    private static func slices(
      of span: TimeWindow.Span, boot: BootID?, in journal: Journal, number: Int
    ) -> [JournalSlice] {
      let times = microseconds(span.since, 0)...max(microseconds(span.since, 0), microseconds(span.until, .max))
      var start = span.since > 0 ? journal.first(since: times.lowerBound) : journal.first
      var end = times.upperBound < .max ? journal.first(since: times.upperBound + 1) : nil
      if let boot, let mark = journal.start(of: boot)?.first {
        let next = journal.after(boot)
        if span.since <= 0 || start.map({ $0.microseconds < mark.microseconds }) ?? true { start = mark }
        if let next, end.map({ $0.microseconds > next.microseconds }) ?? true { end = next }
      }
      guard let start, start != end else { return [] }
      var plan = JournalPlan(journal)
      if let last = end ?? journal.last {
        plan.split(start, start.microseconds, last, last.microseconds, depth: 40)
      }
      let starts = [start] + plan.marks
      return starts.indices.map { index in
        JournalSlice(
          start: starts[index], end: index + 1 < starts.count ? starts[index + 1] : end, times: times, boot: boot,
          span: number)
      }
    }

    private static func microseconds(_ seconds: Double, _ other: UInt64) -> UInt64 {
      seconds.isFinite && seconds > 0 && seconds < 1e12 ? UInt64(seconds * 1e6) : other
    }

    /// Marks places between two, so that no more than `sliceSize` entries lie between neighbours, as far as their
    /// numbers tell. The marks only balance the load: a slice that does not meet its end is read on (see
    /// `JournalCrew`).
    private mutating func split(_ a: JournalMark, _ from: UInt64, _ b: JournalMark, _ to: UInt64, depth: Int) {
      guard depth > 0, from < to, to - from > 1, marks.count < Self.sliceLimit else { return }
      var depth = depth - 1
      if let first = a.sequence, let last = b.sequence, first.id == last.id {
        guard last.number > first.number, last.number - first.number > Self.sliceSize else { return }
      } else {
        depth = min(depth, 6)
      }
      let middle = from + (to - from) / 2
      guard let mark = journal.first(since: middle) else { return split(a, from, b, middle, depth: depth) }
      if mark == b { return split(a, from, b, middle, depth: depth) }
      if mark == a { return split(a, middle, b, to, depth: depth) }
      split(a, from, mark, middle, depth: depth)
      if mark != marks.last { marks.append(mark) }
      split(mark, middle, b, to, depth: depth)
    }
  }
#endif
