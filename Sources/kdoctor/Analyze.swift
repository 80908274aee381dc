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
    abstract:
      "Diagnose captured logs, journals, archives, folders and other tools' bundles; `-` is standard input.",
    usage: "kdoctor analyze [<options>] <paths> ...")

  @Argument(help: "Logs, .journal files, archives, folders or bundles; `-` is standard input.", completion: .file())
  var paths: [String]

  @OptionGroup var window: WindowOptions

  @OptionGroup var options: CommonOptions

  @Option(help: "The time zone of logs that name none, such as Asia/Shanghai.")
  var timezone: String?

  func run() throws {
    beginOffline()
    let knowledge = try load(options.knowledge)
    let zone = try timezone.map(zoneRule)
    // After the time zone is set: times on the command line are in it, too.
    let window = try window.window(now: Double(time(nil)))
    var analysis = try Analysis(with: knowledge, zone: zone, window: window)
    for path in paths { try analysis.read(path) }
    if !options.quiet {
      for warning in analysis.warnings { complain("\(warning.name): \(warning.text)") }
      for failure in analysis.failures { complain("\(failure.name): \(failure.error)") }
    }
    // A window in which nothing was logged is an answer.
    guard !analysis.isEmpty || Interrupt.isRequested || window != nil && analysis.failures.isEmpty else {
      if options.quiet || analysis.failures.isEmpty { complain("nothing could be read") }
      throw ExitCode.notDone
    }
    let report = analysis.report()
    try say(options.reporter.report(report, in: options.language), terminator: "")
    if Interrupt.isRequested { throw ExitCode.interrupted }
    if report.diagnosis.has(atLeast: options.failOn) { throw ExitCode.found }
    if analysis.isIncomplete { throw ExitCode.incomplete }
  }

  private func zoneRule(_ name: String) throws -> TimeZoneRule {
    guard access("/usr/share/zoneinfo/" + name, R_OK) == 0, !name.contains("..") else {
      throw commandLineFault("`\(name)` is no time zone of /usr/share/zoneinfo")
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
    complain((error as? KnowledgeError)?.naming(folder) ?? "\(error)")
    throw ExitCode.notDone
  }
}

extension KnowledgeError {
  /// The fault with the path of its file as the user can open it, where that lies in `folder`.
  func naming(_ folder: String?) -> String {
    guard let folder, !file.hasPrefix(folder), access(folder + "/" + file, F_OK) == 0 else { return description }
    return (folder.hasSuffix("/") ? folder : folder + "/") + description
  }
}

/// Joins the reading of inputs to the scanner: small inputs get their second, repaired reading here.
final class ScannerFeed: LogSink {
  private let scanner: LogScanner
  private var small: [UInt8] = []
  private let cancelled = Atomic(false)
  private static let smallLimit = 1 << 20

  private let times: TimeWindow?

  /// - Parameter times: lines of texts outside of it are no hits.
  init(_ scanner: LogScanner, times: TimeWindow? = nil) {
    self.scanner = scanner
    self.times = times
  }

  var isCancelled: Bool { Interrupt.isRequested || cancelled.load(ordering: .relaxed) }

  /// Stops the reading at the next block; any thread may call it.
  func cancel() { cancelled.store(true, ordering: .relaxed) }

  func begin(_ name: String, modified: LogTime?) {
    small.removeAll()
    scanner.begin(name, modified: modified, window: times)
  }

  func beginJournal(_ name: String) {
    small.removeAll()
    scanner.begin(name, modified: nil)
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
