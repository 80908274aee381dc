import FoundationEssentials
import Model
import NodeAccess

/// `manifest.json`, the last entry of a bundle: what was asked, how it went, and what was taken out.
///
/// A bundle without it was cut off. The format is described in the README; fields are added, never changed.
public struct Manifest: Codable, Sendable {
  public static let kind = BundleTree.kind
  public static let version = 1

  public struct Tool: Codable, Sendable {
    public var name: String
    public var version: String
    public var rules: Int

    public init(name: String, version: String, rules: Int) {
      self.name = name
      self.version = version
      self.rules = rules
    }
  }

  /// One question and its outcome. What was read stands in the entry that `stored` names, or in `names` or `status`.
  struct Read: Codable, Sendable {
    enum Kind: String, Codable, Sendable { case file, folder, status, probe }
    var ask: Kind
    /// The path on the node, or the name of the probe.
    var of: String
    var followsLinks: Bool?
    var stored: String?
    var names: [String]?
    var status: PathStatus?
    var error: Failure?
  }

  /// Why there is no answer.
  struct Failure: Codable, Sendable {
    enum Kind: String, Codable, Sendable {
      case absent, notCaptured, denied, timedOut, interrupted, notAsked, empty, malformed, failed
    }
    var kind: Kind
    var detail: String?
    var seconds: Double?
  }

  /// One log, in parts that follow one another.
  struct Log: Codable, Sendable {
    enum Form: String, Codable, Sendable { case text, journal }
    var name: String
    var form: Form
    /// Seconds since 1970-01-01 UTC of the last change.
    var modified: Double?
    var parts: [String]
    /// Whether older lines were left out.
    var isCut: Bool?
  }

  /// A span of time in which lines of text logs counted, in seconds since 1970-01-01 UTC.
  struct Span: Codable, Sendable {
    var since: Double?
    var until: Double?
  }

  /// A log that could not be read.
  struct LogFailure: Codable, Sendable {
    var name: String
    var error: Failure
  }

  public var kind = Manifest.kind
  public var formatVersion = Manifest.version
  public var tool: Tool
  public var host: String?
  /// RFC 3339, UTC.
  public var created: String
  public var isAnonymized = false
  /// Whether the work was interrupted: what was not asked by then is missing.
  public var isInterrupted = false
  var reads: [Read] = []
  var logs: [Log] = []
  var logFailures: [LogFailure] = []
  var spans: [Span]?
  /// Seconds east of UTC of logs that name no zone, for `spans`.
  var offset: Int?
  /// How often each kind of secret was taken out, by entry.
  public var removed: [String: [String: Int]] = [:]

  /// How many files, folders and logs are missing because they may not be read.
  public var deniedCount: Int {
    reads.count { $0.error?.kind == .denied } + logFailures.count { $0.error.kind == .denied }
  }

  public init(tool: Tool, host: String?, created: String) {
    self.tool = tool
    self.host = host
    self.created = created
  }

  /// The part of the logs that counted; nil for all.
  public var window: TimeWindow? {
    get {
      spans.map { spans in
        TimeWindow(
          spans.map { TimeWindow.Span(since: $0.since ?? -.infinity, until: $0.until ?? .infinity) },
          offset: offset ?? 0)
      }
    }
    set {
      spans = newValue?.spans.map { span in
        Span(since: span.since.isFinite ? span.since : nil, until: span.until.isFinite ? span.until : nil)
      }
      offset = newValue?.offset
    }
  }

  /// How many secrets were taken out.
  public var removedCount: Int { removed.values.reduce(0) { $0 + $1.values.reduce(0, +) } }
}

extension Manifest.Failure {
  init(_ error: ReadError) {
    switch error {
    case .absent: self.init(kind: .absent)
    case .notCaptured: self.init(kind: .notCaptured)
    case .denied: self.init(kind: .denied)
    case .timedOut(let seconds): self.init(kind: .timedOut, seconds: seconds)
    case .interrupted: self.init(kind: .interrupted)
    case .notAsked: self.init(kind: .notAsked)
    case .empty: self.init(kind: .empty)
    case .malformed(let reason): self.init(kind: .malformed, detail: reason)
    case .failed(let reason): self.init(kind: .failed, detail: reason)
    }
  }

  var error: ReadError {
    switch kind {
    case .absent: .absent
    case .notCaptured: .notCaptured
    case .denied: .denied
    case .timedOut: .timedOut(seconds: seconds ?? 0)
    case .interrupted: .interrupted
    case .notAsked: .notAsked
    case .empty: .empty
    case .malformed: .malformed(detail ?? "is malformed")
    case .failed: .failed(detail ?? "failed")
    }
  }
}
