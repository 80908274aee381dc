import ArgumentParser
import Collectors
import Dispatch
import Knowledge
import LogScan
import Model
import NodeAccess
import Redaction
import Reports

/// A node that was looked at: what its collectors and its logs say, weighed by the rules.
struct Examination {
  let diagnosis: Diagnosis
  let reading: NodeReading
  let logs: LogReading
  /// What was read, as the head of a report says it.
  let report: Report
  /// Whether the machine is a Kubernetes node, as far as that is known.
  let isNode: Bool
  /// False when the thread that reads the logs hangs and was left behind.
  let hasReadLogs: Bool

  /// Reads `source` and its logs side by side, for at most `limit` seconds.
  ///
  /// - Parameters:
  ///   - times: lines of texts outside of it are no hits.
  ///   - readLogs: feeds the logs of the node to the sink that it gets.
  init(
    of source: any Source, kind: SourceSummary.Kind, with knowledge: LoadedKnowledge, limit: Double,
    times: TimeWindow? = nil, zone: TimeZoneRule? = nil, readLogs: @escaping (any LogSink) -> LogReading
  ) throws {
    let rules = knowledge.rules
    let scanner = try LogScanner(rules.signatures, database: knowledge.database, zone: zone)
    let thread = LogThread(ScannerFeed(scanner, times: times), readLogs)
    let deadline = DispatchTime.now() + limit
    reading = NodeReading(of: source, limit: limit, isCancelled: { Interrupt.isRequested })
    let result = thread.finish(by: deadline)
    hasReadLogs = result != nil
    // A thread that is still reading may still write: nothing of its scanner may be looked at then.
    var observations = result == nil ? Observations() : scanner.observations
    logs =
      result
      ?? LogReading(
        failures: [("logs", Interrupt.isRequested ? .interrupted : .timedOut(seconds: limit))], readCount: 0,
        milliseconds: Int(limit * 1000))
    // What the node is now weighs more than what a line once said of it.
    observations.facts.merge(reading.facts) { $1 }
    Self.keepOwnHost(&observations)
    isNode = Self.isNode(observations)
    diagnosis = isNode ? rules.diagnose(observations).withoutSecrets : Diagnosis(findings: [])
    var summary = result == nil ? SourceSummary(inputs: []) : scanner.summary
    summary.kind = kind
    summary.inputs = [source.name]
    var report = Report(
      version: KDoctor.version, ruleCount: rules.rules.count, source: summary, facts: observations.facts,
      diagnosis: diagnosis, collection: reading.collection + [logs.status],
      skippedCount: isNode ? rules.openCount(diagnosis, observations) : rules.rules.count)
    if isNode {
      report.addUnread(
        reading.failures(for: rules.factKeys).map { (name: $0.key, error: $0.error) } + logs.failures)
    }
    self.report = report
  }

  /// The exit that the findings and the failures of reading ask for; nil when all is well.
  func exit(failOn: Severity, rules: RuleSet) -> ExitCode? {
    if Interrupt.isRequested { return .interrupted }
    if diagnosis.has(atLeast: failOn) { return .found }
    if isNode, !reading.failures(for: rules.factKeys).isEmpty || !logs.failures.isEmpty { return .incomplete }
    return nil
  }

  /// Facts are about one node: lines that other hosts sent to it are none of its own.
  private static func keepOwnHost(_ observations: inout Observations) {
    guard observations.hits.keys.count > 1, let name = observations.facts["node.hostname"]?.value?.text else { return }
    func short(_ name: String) -> Substring { name.prefix { $0 != "." } }
    let own = observations.hits.filter { $0.key.map { short($0) == short(name) } ?? true }
    if own.contains(where: { $0.key != nil }) { observations.hits = own }
  }

  /// A machine whose logs hold a kubelet's lines was a node, whatever its files say.
  private static func isNode(_ observations: Observations) -> Bool {
    guard case .bool(false) = observations.facts["node.isKubernetes"]?.value else { return true }
    return observations.hits.values.contains { hits in hits.values.contains { $0.first?.unit == "kubelet" } }
  }
}

extension Diagnosis {
  /// The same with the secrets of its evidence hidden: reports are pasted into forums.
  var withoutSecrets: Diagnosis {
    // Making a redactor takes longer than a short log.
    if findings.isEmpty { return self }
    let redactor = Redactor()
    var diagnosis = self
    diagnosis.findings = findings.map { $0.replacingTexts(redactor.redact) }
    return diagnosis
  }
}

/// How the reading of a node's logs went.
struct LogReading: Sendable {
  var failures: [(name: String, error: ReadError)]
  /// What was left out on purpose.
  var notes: [String] = []
  var readCount: Int
  var milliseconds: Int

  /// The line that the report gives to the logs.
  var status: CollectionStatus {
    let detail = (failures.map { "\($0.name): \($0.error)" } + notes).joined(separator: "; ")
    return CollectionStatus(
      collector: "logs", outcome: !failures.isEmpty ? .partial : readCount > 0 ? .ok : .skipped,
      detail: !detail.isEmpty ? detail : readCount > 0 ? nil : "no logs were found", milliseconds: milliseconds)
  }
}

/// Reads logs beside the collectors, on a thread that may be left behind.
private final class LogThread: @unchecked Sendable {
  // Unchecked: `feed` and what `read` holds are used by the reading thread alone until `done` was signalled, and
  // `result` is written before.
  private let feed: ScannerFeed
  private let read: (any LogSink) -> LogReading
  private var result: LogReading?
  private let done = DispatchSemaphore(value: 0)

  init(_ feed: ScannerFeed, _ read: @escaping (any LogSink) -> LogReading) {
    self.feed = feed
    self.read = read
    DispatchQueue(label: "logs").async { [self] in
      result = self.read(self.feed)
      done.signal()
    }
  }

  /// The result, or nil when the thread does not even stop a second after it was told to.
  func finish(by deadline: DispatchTime) -> LogReading? {
    while !Interrupt.isRequested, DispatchTime.now() < deadline {
      if done.wait(timeout: min(deadline, .now() + 0.05)) == .success { return result }
    }
    feed.cancel()
    return done.wait(timeout: .now() + 1) == .success ? result : nil
  }
}
