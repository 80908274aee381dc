/// How sure a finding is.
public enum Confidence: String, Sendable, Comparable {
  /// Facts and logs agree.
  case confirmed
  /// One of them says so.
  case likely
  /// A rival fits the same evidence.
  case possible

  public static func < (a: Confidence, b: Confidence) -> Bool { a.rank < b.rank }
  private var rank: Int {
    switch self {
    case .confirmed: 0
    case .likely: 1
    case .possible: 2
    }
  }
}

/// Whether a failure goes on.
public enum Status: String, Sendable { case active, resolved }

/// What a rule saw. A repeated line is one piece of evidence.
public enum Evidence: Sendable {
  case log(LogEvent, count: Int, first: LogTime?, last: LogTime?)
  case fact(Fact)
}

/// A fix with its values filled in.
public struct FilledFix: Sendable {
  public let title: Localized
  public let commands: [String]
  public let verify: [String]
  public let undo: [String]
  public let risk: Risk

  public init(title: Localized, commands: [String], verify: [String], undo: [String], risk: Risk) {
    self.title = title
    self.commands = commands
    self.verify = verify
    self.undo = undo
    self.risk = risk
  }
}

/// A failure of this node: why kdoctor believes it, what to do, and what it explains.
public struct Finding: Sendable {
  public let rule: Rule
  /// That of the rule, or a higher one that what was seen gives.
  public let severity: Severity
  /// Nil where the input names one host or none.
  public let host: String?
  public let confidence: Confidence
  public let status: Status
  public var explains: [String] = []
  public var explainedBy: [String] = []
  public let alternatives: [String]
  public let subjects: [String]
  /// Never empty.
  public private(set) var evidence: [Evidence]
  public let fixes: [FilledFix]
  public let firstSeen: LogTime?

  public init(
    rule: Rule, severity: Severity, host: String?, confidence: Confidence, status: Status, alternatives: [String],
    subjects: [String],
    evidence: [Evidence], fixes: [FilledFix], firstSeen: LogTime?
  ) {
    self.rule = rule
    self.severity = severity
    self.host = host
    self.confidence = confidence
    self.status = status
    self.alternatives = alternatives
    self.subjects = subjects
    self.evidence = evidence
    self.fixes = fixes
    self.firstSeen = firstSeen
  }
}

extension Finding {
  /// The finding with its evidence as `change` leaves the texts, each with the range in it that decides, if any.
  public func replacingTexts(_ change: (String, Range<Int>?) -> (text: String, match: Range<Int>?)) -> Finding {
    var finding = self
    finding.evidence = evidence.map { evidence in
      switch evidence {
      case .log(var event, let count, let first, let last):
        (event.message, event.match) = change(event.message, event.match)
        return .log(event, count: count, first: first, last: last)
      case .fact(let fact):
        let value: FactValue? =
          switch fact.value {
          case .text(let text)?: .text(change(text, nil).text)
          case .list(let items)?: .list(items.map { change($0, nil).text })
          case let other: other
          }
        return .fact(Fact(key: fact.key, value: value, source: fact.source, line: fact.line))
      }
    }
    return finding
  }
}

/// The findings, first the one to start with.
public struct Diagnosis: Sendable {
  public var findings: [Finding]

  public init(findings: [Finding]) { self.findings = findings }

  /// Whether an active finding is at or above `severity`.
  public func has(atLeast severity: Severity) -> Bool {
    findings.contains { $0.status == .active && $0.severity <= severity }
  }
}

/// What was read, for the report's last line.
public struct SourceSummary: Sendable {
  /// What kind of thing was read.
  public enum Kind: String, Sendable { case live, root, bundle, logs }
  public var kind = Kind.logs
  public var inputs: [String]
  public var from: LogTime?
  public var to: LogTime?
  public var lines = 0
  public var bytes = 0
  public var hosts: [String] = []

  public init(inputs: [String]) { self.inputs = inputs }
}

/// How one part of the reading went.
public struct CollectionStatus: Sendable {
  public enum Outcome: String, Sendable { case ok, partial, failed, skipped }
  public let collector: String
  public let outcome: Outcome
  public let detail: String?
  public let milliseconds: Int

  public init(collector: String, outcome: Outcome, detail: String?, milliseconds: Int) {
    self.collector = collector
    self.outcome = outcome
    self.detail = detail
    self.milliseconds = milliseconds
  }
}

/// All that a report is made from.
public struct Report: Sendable {
  /// What was there to be read and could not be, for one reason.
  public struct Unread: Sendable, Equatable {
    public let reason: String
    /// Keys of facts and names of logs.
    public fileprivate(set) var names: [String]

    public init(reason: String, names: [String]) {
      self.reason = reason
      self.names = names
    }
  }

  public let version: String
  public let ruleCount: Int
  public let source: SourceSummary
  public let facts: [String: Fact]
  public let diagnosis: Diagnosis
  public let collection: [CollectionStatus]
  /// How many rules could not be decided, because facts were not known.
  public let skippedCount: Int
  /// Why silence is not health; empty where all that the rules needed was read.
  public private(set) var unread: [Unread]

  public init(
    version: String, ruleCount: Int, source: SourceSummary, facts: [String: Fact], diagnosis: Diagnosis,
    collection: [CollectionStatus], skippedCount: Int = 0, unread: [Unread] = []
  ) {
    self.version = version
    self.ruleCount = ruleCount
    self.source = source
    self.facts = facts
    self.diagnosis = diagnosis
    self.collection = collection
    self.skippedCount = skippedCount
    self.unread = unread
  }

  /// Adds what could not be read to what is known to be unread, by its reasons in the order in which these come first.
  public mutating func addUnread(_ failures: [(name: String, error: ReadError)]) {
    for (name, error) in failures {
      let reason = "\(error)"
      if let index = unread.firstIndex(where: { $0.reason == reason }) {
        if !unread[index].names.contains(name) { unread[index].names.append(name) }
      } else {
        unread.append(Unread(reason: reason, names: [name]))
      }
    }
  }
}
