import ArgumentParser
import Bundles
import Collectors
import Glibc
import Knowledge
import Model
import NodeAccess
import Redaction
import Reports

/// Where a bundle comes from: a node, live or below a root folder, or an older bundle.
struct BundleOrigin {
  private enum Place {
    case node(DirectorySource, LogWindow)
    case bundle(BundleReader)
  }

  private let place: Place
  private let recording: Recording
  private let facts: [String: Fact]
  private let timeout: Double

  init(from old: String?, root: String, window: LogWindow?, node: NodeOptions) throws {
    timeout = node.timeout.seconds
    if let old {
      let reader = try openBundle(old)
      place = .bundle(reader)
      recording = reader.recording
      facts = NodeReading(of: RecordedSource(recording, name: old)).facts
    } else {
      let source = try node.source(root)
      place = .node(source, window ?? NodeLogs.usualWindow(of: source))
      let recorder = RecordingSource(PatientSource(source))
      facts = NodeReading(of: recorder, limit: timeout) { Interrupt.isRequested }.facts
      recorder.recordMore()
      recording = recorder.recording
    }
  }

  /// The name of the node, as a part of a file name.
  var plainHost: String {
    let name = (facts["node.hostname"]?.value?.text ?? "node").prefix(60)
    return String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" })
  }

  /// What replaces the names and addresses of this node. It learns all names first, so that none passes in what comes
  /// before the file that tells it.
  var anonymizer: Anonymizer {
    let anonymizer = Anonymizer()
    if let host = facts["node.hostname"]?.value?.text { anonymizer.add(host: host) }
    for (question, reply) in recording.replies {
      if case .contents(let path) = question, case .bytes(let bytes) = reply { anonymizer.learn(bytes, path: path) }
    }
    return anonymizer
  }

  /// Writes the bundle, and gives its manifest.
  ///
  /// The report in it is made from what the bundle holds, so it is what `analyze` will say of it.
  func write(
    to descriptor: Int32, as form: BundleForm, knowledge: LoadedKnowledge, anonymizer: Anonymizer?
  ) throws(ReadError) -> Manifest {
    let cleaner = RedactingCleaner(anonymizer)
    var manifest = Manifest(
      tool: Manifest.Tool(name: "kdoctor", version: KDoctor.version, rules: knowledge.rules.rules.count),
      host: facts["node.hostname"]?.value.map { cleaner.name($0.text) },
      created: LogTime(seconds: form.time, hasZone: true).rfc3339)
    manifest.isAnonymized = anonymizer != nil
    manifest.window = times
    let writer = try BundleWriter(
      to: descriptor, packing: form.packing, folder: form.folder, modified: form.time, cleaner: cleaner,
      manifest: manifest)
    try writer.add(recording)
    var logFailure: ReadError?
    let examination: Examination
    do {
      examination = try Examination(
        of: RecordedSource(writer.recording, name: form.folder), kind: .bundle, with: knowledge,
        limit: max(timeout, 600), times: times
      ) { sink in
        let measure = LogMeasure { Interrupt.isRequested }
        _ = readLogs(into: measure)
        let recorder = writer.logRecorder(to: sink, excess: measure.excess(over: form.logLimit))
        let reading = readLogs(into: recorder)
        do throws(ReadError) {
          try writer.noteLogs(recorder, failures: reading.failures)
        } catch {
          logFailure = error
        }
        return reading
      }
    } catch {
      throw .failed("\(error)")
    }
    guard examination.hasReadLogs else { throw .failed("a log could not be read to its end") }
    if let logFailure { throw logFailure }
    try add(examination.report, to: writer)
    writer.manifest.isInterrupted = Interrupt.isRequested
    try writer.finish()
    return writer.manifest
  }

  /// The part of the logs that counts.
  private var times: TimeWindow? {
    switch place {
    case .node(_, let window): window.times
    case .bundle(let reader): reader.manifest.window
    }
  }

  private func readLogs(into sink: any LogSink) -> LogReading {
    switch place {
    case .node(let source, let window): NodeLogs(source, PatientSource(source), window, into: sink).read()
    case .bundle(let reader): reader.read(into: sink)
    }
  }

  private func add(_ report: Report, to writer: BundleWriter) throws(ReadError) {
    let text = ReportFormat.text.reporter(color: false, width: 80, verbose: false)
    try writer.add("report.txt", Array(text.report(report, in: .en).utf8))
    let json = ReportFormat.json.reporter(color: false, width: 80, verbose: false)
    try writer.add("report.json", Array(json.report(report, in: .en).utf8))
  }
}

/// How a bundle is written.
struct BundleForm {
  let packing: ArchiveWriter.Packing
  /// The top folder of all its entries.
  let folder: String
  /// Seconds since 1970-01-01 UTC.
  let time: Double
  /// The most bytes that logs may take.
  let logLimit: Int
}

/// Takes out secrets, and names and addresses where that is asked.
final class RedactingCleaner: Cleaner {
  private let redactor: Redactor
  private let anonymizer: Anonymizer?

  init(_ anonymizer: Anonymizer?) {
    self.anonymizer = anonymizer
    redactor = Redactor(anonymizing: anonymizer)
  }

  func file(_ bytes: [UInt8], of path: String) -> [UInt8] { redactor.redact(bytes, path: path) }
  func block(_ bytes: [UInt8], of path: String) -> [UInt8] {
    bytes.withUnsafeBytes { redactor.redactBlock($0, path: path) }
  }
  func message(_ bytes: [UInt8], by writer: [UInt8], of path: String) -> [UInt8] {
    bytes.withUnsafeBytes { redactor.redactBlock($0, path: path, writer: writer) }
  }
  func endStream() { redactor.endStream() }
  func name(_ text: String) -> String { anonymizer?.replacing(text) ?? text }
  var removed: [String: [String: Int]] { redactor.removed }
}

extension Anonymizer {
  /// A short text with its names and addresses replaced.
  func replacing(_ text: String) -> String {
    String(decoding: anonymize(Array(text.utf8), path: ""), as: UTF8.self)
  }
}

extension BundleReader {
  /// Feeds the logs to `sink`.
  func read(into sink: any LogSink) -> LogReading {
    let began = ContinuousClock.now
    let (count, failures) = readLogs(into: sink)
    let spent = (ContinuousClock.now - began).components
    return LogReading(
      failures: failures, notes: [], readCount: count,
      milliseconds: Int(spent.seconds * 1000 + spent.attoseconds / 1_000_000_000_000_000))
  }
}

/// The bundle at `path`, or the end with a message.
func openBundle(_ path: String) throws -> BundleReader {
  do throws(ReadError) {
    guard case .bundle(let tree) = try AnalyzedInput(path: path) else {
      throw .malformed("is no bundle of kdoctor, or one that was cut off")
    }
    return try BundleReader(tree)
  } catch {
    complain("\(path): \(error)")
    throw ExitCode.notDone
  }
}
