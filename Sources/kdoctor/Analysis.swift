import Bundles
import Collectors
import Knowledge
import LogScan
import Model
import NodeAccess
import Reports

/// What several inputs say: the logs among them together, and each captured node for itself.
struct Analysis {
  private let knowledge: LoadedKnowledge
  private let zone: TimeZoneRule?
  private let window: LogWindow?
  private let scanner: LogScanner
  private var inputs: LogInputs
  private var nodes: [(name: String, examination: Examination)] = []
  /// What was to be read.
  private var paths: [String] = []
  /// What could not be read, and why, in order.
  private(set) var failures: [(name: String, error: ReadError)] = []
  /// What a user should know of inputs that could be read.
  private(set) var warnings: [(name: String, text: String)] = []
  private let began = ContinuousClock.now
  /// Captured nodes are read to their end, as logs are; this many seconds are for ever.
  private static let limit = 1e6

  init(with knowledge: LoadedKnowledge, zone: TimeZoneRule?, window: LogWindow?) throws {
    self.knowledge = knowledge
    self.zone = zone
    self.window = window
    scanner = try LogScanner(knowledge.rules.signatures, database: knowledge.database, zone: zone)
    inputs = LogInputs(into: ScannerFeed(scanner, times: window?.times), window: window ?? .all)
  }

  /// Reads the input at `path`.
  mutating func read(_ path: String) throws {
    paths.append(path)
    if Interrupt.isRequested { return }
    let input: AnalyzedInput
    do throws(ReadError) {
      input = try AnalyzedInput(path: path)
    } catch {
      failures.append((path, error))
      return
    }
    warnings += input.warnings.map { (path, $0) }
    if case .bundle(let tree) = input { return try read(tree) }
    guard case .nodes(let captured) = input else {
      let known = inputs.failures.count
      inputs.read(input)
      failures += inputs.failures[known...]
      return
    }
    let window = window ?? .all
    for node in captured.nodes {
      let examination = try Examination(
        of: captured.source(of: node), kind: .bundle, with: knowledge, limit: Self.limit, times: window.times,
        zone: zone
      ) { sink in
        let began = ContinuousClock.now
        var inputs = LogInputs(into: sink, window: window)
        inputs.read(node, of: captured)
        return LogReading(
          failures: inputs.failures, notes: inputs.notes, readCount: inputs.readCount,
          milliseconds: Self.milliseconds(since: began))
      }
      failures += examination.logs.failures.filter { failure in !failures.contains { $0.name == failure.name } }
      nodes.append((node.name ?? examination.reading.facts["node.hostname"]?.value?.text ?? path, examination))
    }
  }

  /// Replays a bundle.
  private mutating func read(_ tree: BundleTree) throws {
    do throws(ReadError) {
      let bundle = try BundleReader(tree)
      let examination = try Capture(bundle, name: tree.name).examination(
        with: knowledge, zone: zone, times: window?.times ?? bundle.manifest.window)
      failures += examination.logs.failures
      nodes.append((examination.reading.facts["node.hostname"]?.value?.text ?? tree.name, examination))
    } catch {
      failures.append((tree.name, error))
    }
  }

  /// Whether anything was read.
  var isEmpty: Bool {
    inputs.readCount == 0
      && nodes.allSatisfy { $0.examination.logs.readCount == 0 && $0.examination.reading.facts.isEmpty }
  }

  /// All of it as one report.
  func report() -> Report {
    var report = joinedReport()
    report.addUnread(failures)
    if Interrupt.isRequested { report.addUnread(paths.map { ($0, .interrupted) }) }
    return report
  }

  private func joinedReport() -> Report {
    let rules = knowledge.rules
    if nodes.count == 1, inputs.readCount == 0 { return nodes[0].examination.report }
    var parts = nodes.map { (name: $0.name, diagnosis: $0.examination.diagnosis) }
    var facts = nodes.count == 1 ? nodes[0].examination.report.facts : [:]
    var skipped = nodes.map(\.examination.report.skippedCount)
    var collection = nodes.flatMap { $0.examination.report.collection }
    var source = scanner.summary
    for node in nodes { source.add(node.examination.report.source) }
    if inputs.readCount > 0 || nodes.isEmpty {
      let observations = scanner.observations
      let diagnosis = rules.diagnose(observations).withoutSecrets
      parts.append(("logs", diagnosis))
      facts.merge(observations.facts) { old, _ in old }
      skipped.append(rules.openCount(diagnosis, observations))
      let detail = failures.map { "\($0.name): \($0.error)" }.joined(separator: "; ")
      collection.append(
        CollectionStatus(
          collector: "logs", outcome: failures.isEmpty ? .ok : .partial, detail: detail.isEmpty ? nil : detail,
          milliseconds: Self.milliseconds(since: began)))
    }
    return Report(
      version: KDoctor.version, ruleCount: rules.rules.count, source: source, facts: facts,
      diagnosis: rules.joined(parts), collection: collection, skippedCount: skipped.max() ?? 0,
      unread: nodes.flatMap(\.examination.report.unread))
  }

  /// Whether something that the rules needed was there and could not be read.
  var isIncomplete: Bool {
    !failures.isEmpty
      || nodes.contains { $0.examination.exit(failOn: .critical, rules: knowledge.rules) == .incomplete }
  }

  private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
    let parts = (ContinuousClock.now - start).components
    return Int(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
  }
}

extension SourceSummary {
  /// Adds what was read of a captured node.
  fileprivate mutating func add(_ other: SourceSummary) {
    kind = other.kind
    inputs += other.inputs.filter { !inputs.contains($0) }
    from = [from, other.from].compactMap { $0 }.min()
    to = [to, other.to].compactMap { $0 }.max()
    lines += other.lines
    bytes += other.bytes
    hosts += other.hosts.filter { !hosts.contains($0) }
  }
}
