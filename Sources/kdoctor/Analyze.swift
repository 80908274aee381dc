import ArgumentParser
import Glibc
import Knowledge
import LogScan
import Model
import NodeAccess
import Reports
import Synchronization

/// `kdoctor analyze`: offline, from captured logs.
struct Analyze: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Diagnose captured logs, journals, archives and folders; `-` is standard input.")

  @Argument(help: "Logs, .journal files, archives or folders.", completion: .file())
  var paths: [String]

  @OptionGroup var options: CommonOptions

  @Option(help: "The time zone of logs that name none, such as Asia/Shanghai.")
  var timezone: String?

  func run() throws {
    beginOffline()
    let knowledge = try load(options.knowledge)
    if paths.count == 1, let capture = Capture(paths[0]), capture.kind == .bundle {
      let examination = try capture.examination(with: knowledge)
      print(options.reporter.report(examination.report, in: options.language), terminator: "")
      if let exit = examination.exit(failOn: options.failOn, rules: knowledge.rules) { throw exit }
      return
    }
    let began = ContinuousClock.now
    let scanner = try LogScanner(
      knowledge.rules.signatures, database: knowledge.database, zone: try timezone.map(zoneRule))
    let feed = ScannerFeed(scanner)
    var inputs = LogInputs(into: feed)
    for path in paths { inputs.read(path) }
    if !options.quiet {
      for failure in inputs.failures { complain("\(failure.name): \(failure.error)") }
    }
    guard inputs.readCount > 0 || Interrupt.isRequested else {
      if options.quiet || inputs.failures.isEmpty { complain("nothing could be read") }
      throw ExitCode.notDone
    }
    let observations = scanner.observations
    let diagnosis = knowledge.rules.diagnose(observations).withoutSecrets
    let elapsed = ContinuousClock.now - began
    let milliseconds = Int(elapsed.components.seconds * 1000 + elapsed.components.attoseconds / 1_000_000_000_000_000)
    let failures = inputs.failures.map { "\($0.name): \($0.error)" }.joined(separator: "; ")
    let report = Report(
      version: KDoctor.version, ruleCount: knowledge.rules.rules.count, source: scanner.summary,
      facts: observations.facts, diagnosis: diagnosis,
      collection: [
        CollectionStatus(
          collector: "logs", outcome: inputs.failures.isEmpty ? .ok : .partial,
          detail: failures.isEmpty ? nil : failures, milliseconds: milliseconds)
      ], skippedCount: knowledge.rules.openCount(diagnosis, observations))
    print(options.reporter.report(report, in: options.language), terminator: "")
    if Interrupt.isRequested { throw ExitCode.interrupted }
    if diagnosis.has(atLeast: options.failOn) { throw ExitCode.found }
    if !inputs.failures.isEmpty { throw ExitCode.incomplete }
  }

  private func zoneRule(_ name: String) throws -> TimeZoneRule {
    guard access("/usr/share/zoneinfo/" + name, R_OK) == 0, !name.contains("..") else {
      throw ValidationError("`\(name)` is no time zone of /usr/share/zoneinfo.")
    }
    setenv("TZ", name, 1)
    tzset()
    return { local in
      var seconds = time_t(local)
      var parts = tm()
      gmtime_r(&seconds, &parts)
      parts.tm_isdst = -1
      return Int(local) - Int(mktime(&parts))
    }
  }
}

/// Loads the knowledge, or ends with a message about what is wrong in it.
func load(_ folder: String?) throws -> LoadedKnowledge {
  do {
    return try LoadedKnowledge(adding: folder)
  } catch {
    complain("\(error)")
    throw ExitCode.notDone
  }
}

/// Joins the reading of inputs to the scanner: small inputs get their second, repaired reading here.
final class ScannerFeed: LogSink {
  private let scanner: LogScanner
  private var small: [UInt8] = []
  private let cancelled = Atomic(false)
  private static let smallLimit = 1 << 20

  init(_ scanner: LogScanner) { self.scanner = scanner }

  var isCancelled: Bool { Interrupt.isRequested || cancelled.load(ordering: .relaxed) }

  /// Stops the reading at the next block; any thread may call it.
  func cancel() { cancelled.store(true, ordering: .relaxed) }

  func begin(_ name: String, modified: LogTime?) {
    small.removeAll()
    scanner.begin(name, modified: modified)
  }

  func block(_ bytes: UnsafeRawBufferPointer) {
    if small.count <= Self.smallLimit { small.append(contentsOf: bytes) }
    scanner.scan(bytes)
  }

  func end() {
    if small.count <= Self.smallLimit {
      let repaired = RepairedText(of: small)
      scanner.scanRepaired(repaired.bytes, lineNumbers: repaired.lineNumbers)
    }
    scanner.end()
  }
}
