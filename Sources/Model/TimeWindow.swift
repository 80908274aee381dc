/// The spans of time to which the reading of logs is limited.
public struct TimeWindow: Sendable, Equatable {
  /// From one moment to another, both included.
  public struct Span: Sendable, Equatable {
    /// Seconds since 1970-01-01 UTC.
    public var since: Double
    /// Seconds since 1970-01-01 UTC.
    public var until: Double

    public init(since: Double = -.infinity, until: Double = .infinity) {
      self.since = since
      self.until = until
    }

    func contains(_ seconds: Double) -> Bool { since <= seconds && seconds <= until }
  }

  /// In order, none touching the next.
  public let spans: [Span]
  /// Seconds east of UTC of who gave the times: what a log without a zone is compared by.
  public let offset: Int

  public init(_ spans: [Span], offset: Int = 0) {
    var merged: [Span] = []
    for span in spans.sorted(by: { $0.since < $1.since }) where span.since <= span.until {
      if let last = merged.last, span.since <= last.until {
        merged[merged.count - 1].until = max(last.until, span.until)
      } else {
        merged.append(span)
      }
    }
    self.spans = merged
    self.offset = offset
  }

  /// Whether `time` lies in a span. A time whose year nobody knows is not judged.
  public func contains(_ time: LogTime) -> Bool {
    if !time.hasZone, time.seconds < 366 * 86_400 { return true }
    let seconds = time.hasZone ? time.seconds : time.seconds - Double(offset)
    return spans.contains { $0.contains(seconds) }
  }

  /// Whether all between `first` and `last` lies in one span.
  public func covers(_ first: LogTime, _ last: LogTime) -> Bool {
    spans.contains { span in
      TimeWindow([span], offset: offset).contains(first) && TimeWindow([span], offset: offset).contains(last)
    }
  }
}
