/// A text in the languages that kdoctor speaks.
public struct Localized: Sendable, Equatable {
  public let en: String
  public let zh: String

  public init(en: String, zh: String) {
    self.en = en
    self.zh = zh
  }

  /// The text in `language`.
  public subscript(language: Language) -> String {
    switch language {
    case .en: en
    case .zh: zh
    }
  }
}

/// A language of reports.
public enum Language: String, Sendable, CaseIterable { case en, zh }

/// What part a failure plays: a cause, the consequence of a cause, or noise.
public enum Kind: String, Sendable, CaseIterable, Comparable {
  case root, symptom, benign

  public static func < (a: Kind, b: Kind) -> Bool { a.rank < b.rank }
  private var rank: Int {
    switch self {
    case .root: 0
    case .symptom: 1
    case .benign: 2
    }
  }
}

/// How bad a failure is for the node; `critical` sorts first.
public enum Severity: String, Sendable, CaseIterable, Comparable {
  case critical, warning, info

  public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
  private var rank: Int {
    switch self {
    case .critical: 0
    case .warning: 1
    case .info: 2
    }
  }
}

/// What a fix interrupts or loses.
public enum Risk: String, Sendable, CaseIterable { case none, restart, disruptive, destructive }

/// A line of a log that a rule waits for.
public struct LogPattern: Sendable, Equatable {
  /// The expression, in the dialect that vectorscan and PCRE2 share; literals come escaped.
  public let expression: String
  /// Components that the line must come from, where its origin is known; empty: any.
  public let from: [String]
  /// A line that also matches this is no hit.
  public let except: String?
  /// How many hits it takes, within `within` if that is set.
  public let atLeast: Int
  public let within: Duration?
  /// Hits count only when they come later than this after the component's start.
  public let afterStart: Duration?
  /// Whether it is a hint: a finding of a rule with hints yields to others only while it rests on hints alone.
  public let isHint: Bool
  /// The line of the rule file.
  public let line: Int

  public init(
    expression: String, from: [String] = [], except: String? = nil, atLeast: Int = 1, within: Duration? = nil,
    afterStart: Duration? = nil, isHint: Bool = false, line: Int = 0
  ) {
    self.expression = expression
    self.from = from
    self.except = except
    self.atLeast = atLeast
    self.within = within
    self.afterStart = afterStart
    self.isHint = isHint
    self.line = line
  }
}

/// A question about one fact.
public struct FactTest: Sendable, Equatable {
  public enum Operator: Sendable, Equatable {
    case equals(FactValue)
    case notEquals(FactValue)
    case isEmpty, isNotEmpty, isAbsent, isPresent
    case contains(String)
    case containsMatch(String)
    case below(Double)
    case above(Double)
    case olderThan(String)
    case notOlderThan(String)
    case differsFrom(String)
    case isIn([FactValue])
  }

  public let key: String
  public let test: Operator
  /// The line of the rule file.
  public let line: Int

  public init(key: String, test: Operator, line: Int = 0) {
    self.key = key
    self.test = test
    self.line = line
  }
}

/// When a rule speaks. There is no "not": the absence of a log line proves nothing.
public indirect enum Condition: Sendable, Equatable {
  case log(LogPattern)
  case fact(FactTest)
  case all([Condition])
  case any([Condition])
  /// A condition that makes the finding as severe as this where it holds.
  case graded(Severity, Condition)

  /// All log patterns of the condition, in the order of the file.
  public var patterns: [LogPattern] {
    switch self {
    case .log(let pattern): [pattern]
    case .fact: []
    case .all(let parts), .any(let parts): parts.flatMap(\.patterns)
    case .graded(_, let part): part.patterns
    }
  }

  /// All fact tests of the condition, in the order of the file.
  public var factTests: [FactTest] {
    switch self {
    case .log: []
    case .fact(let test): [test]
    case .all(let parts), .any(let parts): parts.flatMap(\.factTests)
    case .graded(_, let part): part.factTests
    }
  }
}

/// What to do about a failure. kdoctor prints commands and never runs them.
public struct Fix: Sendable, Equatable {
  public let title: Localized
  /// The node that this variant is for; empty: any.
  public let when: [FactTest]
  /// The general variant: shown only where no variant with `when` applies.
  public let otherwise: Bool
  public let commands: [String]
  /// Commands whose exit status 0 shows that the fix worked.
  public let verify: [String]
  public let undo: [String]
  public let risk: Risk

  public init(
    title: Localized, when: [FactTest] = [], otherwise: Bool = false, commands: [String], verify: [String] = [],
    undo: [String] = [], risk: Risk = .none
  ) {
    self.title = title
    self.when = when
    self.otherwise = otherwise
    self.commands = commands
    self.verify = verify
    self.undo = undo
    self.risk = risk
  }
}

/// What a rule file shows of a failure, and what looks like it but is none.
public struct Example: Sendable, Equatable {
  public let log: String
  public let facts: [String: FactValue]
  /// Other failures that the example legitimately shows.
  public let also: [String]
  /// The line of the rule file.
  public let line: Int

  public init(log: String, facts: [String: FactValue], also: [String], line: Int) {
    self.log = log
    self.facts = facts
    self.also = also
    self.line = line
  }
}

/// A failure that kdoctor knows: one file in `knowledge/`.
public struct Rule: Sendable, Equatable {
  public let id: String
  public let area: String
  public let title: Localized
  public let kind: Kind
  public let severity: Severity
  public let cause: Localized
  /// What not to do, although it is often recommended.
  public let advice: Localized?
  public let when: Condition
  /// Facts of now that deny the failure.
  public let unless: [FactTest]
  /// Later lines that show that the failure is over.
  public let cleared: [LogPattern]
  /// The failures that this one causes.
  public let explains: [String]
  /// Narrower failures beside which this one is not reported, or not where it rests on hints alone, if it has any.
  public let yieldsTo: [String]
  /// Failures that the same evidence fits as well.
  public let rivals: [String]
  /// The name of the capture that findings are about.
  public let subject: String?
  public let fixes: [Fix]
  public let references: [String]
  public let matching: [Example]
  public let ignoring: [Example]

  public init(
    id: String, area: String, title: Localized, kind: Kind, severity: Severity, cause: Localized, advice: Localized?,
    when: Condition, unless: [FactTest], cleared: [LogPattern], explains: [String], yieldsTo: [String],
    rivals: [String], subject: String?, fixes: [Fix], references: [String], matching: [Example], ignoring: [Example]
  ) {
    self.id = id
    self.area = area
    self.title = title
    self.kind = kind
    self.severity = severity
    self.cause = cause
    self.advice = advice
    self.when = when
    self.unless = unless
    self.cleared = cleared
    self.explains = explains
    self.yieldsTo = yieldsTo
    self.rivals = rivals
    self.subject = subject
    self.fixes = fixes
    self.references = references
    self.matching = matching
    self.ignoring = ignoring
  }
}
