import ArgumentParser
import Bundles
import FoundationEssentials
import Glibc
import Knowledge
import Model
import NodeAccess
import Redaction
import Reports

/// `kdoctor bundle`: a recording of all that a diagnosis reads, without secrets.
struct Bundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a support bundle: what `diagnose` reads, without secrets; `kdoctor analyze FILE` reads it.",
    discussion: """
      The name tells how it is packed: .tar.gz, .tar.zst or .tar. `-` writes to standard output, so that a node with \
      a full disk can be recorded: ssh NODE sudo kdoctor bundle - > node.tar.gz
      """)

  @Argument(help: "The file to write (default: kdoctor-HOST-TIME.tar.gz); `-` is standard output.", completion: .file())
  var file: String?

  @Option(help: "The root folder of the node; / is this machine.", completion: .directory)
  var root = "/"

  @Option(help: "Take everything from this bundle instead of a node, and clean it again.", completion: .file())
  var from: String?

  @Flag(help: "Replace names and addresses by stand-ins, too.")
  var anonymize = false

  @Option(help: "Where the map of the stand-ins goes (default: FILE.map.json).", completion: .file())
  var map: String?

  @Option(help: "Keep the newest of the logs where the bundle would become larger than this before packing: 100M, 1G.")
  var maxSize = ByteCount(bytes: 100 << 20)

  @OptionGroup var node: NodeOptions

  @OptionGroup var window: WindowOptions

  @Option(help: "A folder of rules to add; they replace those of the same id.", completion: .directory)
  var knowledge: String?

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup(visibility: .hidden) var ignored: IgnoredOptions

  func validate() throws {
    if let file, file != "-", Self.packing(of: file) == nil {
      throw ValidationError("`\(file)` does not end in .tar.gz, .tgz, .tar.zst or .tar.")
    }
    if map != nil, !anonymize { throw ValidationError("--map goes with --anonymize.") }
    if anonymize, map == nil, file == "-" {
      throw ValidationError("`--anonymize -` needs --map FILE: the map must not go into the bundle.")
    }
    if from != nil, node.network { throw ValidationError("--from and --network exclude one another.") }
    if from != nil, root != "/" { throw ValidationError("--from and --root exclude one another.") }
  }

  func run() throws {
    let window = try window.window(now: Double(time(nil)))
    beginLive()
    if file == "-", isatty(1) == 1 {
      complain("a bundle is no text: send it to a file, as in `kdoctor bundle - > node.tar.gz`")
      throw ExitCode.notDone
    }
    let knowledge = try load(self.knowledge)
    let origin = try BundleOrigin(from: from, root: root, window: window, node: node)
    do throws(ReadError) {
      let written = try write(origin, knowledge)
      if !quiet { tell(written) }
    } catch {
      if case .interrupted = error {
        complain("interrupted: no bundle was written")
        throw ExitCode.interrupted
      }
      let place = file.map { $0 == "-" ? "standard output: " : $0 + ": " } ?? "this folder: "
      complain("the bundle was not written: \(place)\(error)")
      if file == nil { complain("name a file elsewhere: kdoctor bundle /tmp/node.tar.gz") }
      if case .failed(let reason) = error, reason.contains("no space") {
        complain("send it elsewhere: ssh NODE sudo kdoctor bundle - > node.tar.gz")
      }
      throw ExitCode.notDone
    }
    if Interrupt.isRequested { throw ExitCode.interrupted }
  }

  private struct Written { let path: String, bytes: Int, manifest: Manifest }

  private func write(_ origin: BundleOrigin, _ knowledge: LoadedKnowledge) throws(ReadError) -> Written {
    let now = Double(time(nil))
    let anonymizer = anonymize ? origin.anonymizer : nil
    let host = anonymizer?.replacing(origin.plainHost) ?? origin.plainHost
    let name = "kdoctor-\(host)-\(Self.stamp(now))"
    let path = file ?? name + ".tar.gz"
    let form = BundleForm(packing: Self.packing(of: path) ?? .gzip, folder: name, time: now, logLimit: maxSize.bytes)
    if path == "-" {
      let manifest = try origin.write(to: 1, as: form, knowledge: knowledge, anonymizer: anonymizer)
      try writeMap(anonymizer, beside: path)
      return Written(path: "standard output", bytes: 0, manifest: manifest)
    }
    let output = try OutputFile(path)
    let manifest = try origin.write(
      to: output.descriptor, as: form, knowledge: knowledge, anonymizer: anonymizer)
    // Half a recording must not look like a whole one.
    if Interrupt.isRequested { throw .interrupted }
    try writeMap(anonymizer, beside: path)
    let bytes = output.size
    try output.commit()
    return Written(path: path, bytes: bytes, manifest: manifest)
  }

  /// Writes which stand-in stands for what, for those who may know.
  private func writeMap(_ anonymizer: Anonymizer?, beside path: String) throws(ReadError) {
    guard let anonymizer else { return }
    let output = try OutputFile(map ?? path + ".map.json")
    try output.write(Array(MapDocument.text(of: anonymizer.map).utf8))
    try output.commit()
  }

  private func tell(_ written: Written) {
    let count = written.manifest.removedCount
    let secrets = count == 1 ? "1 secret was taken out" : "\(count) secrets were taken out"
    complain(
      "wrote \(written.path == "standard output" ? "the bundle to standard output" : written.path)"
        + (written.bytes > 0 ? " (\(written.bytes / 1024) KiB)" : "") + "; \(secrets)")
    let denied = written.manifest.deniedCount
    if denied > 0 {
      complain(
        "\(denied) \(denied == 1 ? "file" : "files") could not be read: permission denied; run as root to have all")
    }
    if written.path != "standard output" { complain("read it with: kdoctor analyze \(written.path)") }
  }

  private static func packing(of path: String) -> ArchiveWriter.Packing? {
    if path.hasSuffix(".tar.gz") || path.hasSuffix(".tgz") { return .gzip }
    if path.hasSuffix(".tar.zst") || path.hasSuffix(".tzst") { return .zstd }
    return path.hasSuffix(".tar") ? ArchiveWriter.Packing.none : nil
  }

  /// `20261125T080910Z`.
  private static func stamp(_ now: Double) -> String {
    LogTime(seconds: now, hasZone: true).rfc3339.filter { $0 != "-" && $0 != ":" }
  }
}

/// What other commands take and makes no difference here, so that one set of options serves them all: a bundle holds
/// its report as text and as JSON.
struct IgnoredOptions: ParsableArguments {
  @Option(name: [.customShort("o"), .long]) var output: ReportFormat = .text
  @Option var lang: Language?
  @Option var color: ColorChoice = .auto
  @Option var failOn: Severity = .warning
  @Flag var verbose = false
}

/// The map of an anonymized bundle: stand-in to original.
enum MapDocument {
  static func text(of map: [String: String]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(map)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }
}

/// A number of bytes on the command line: `500000`, `100M`, `1G`, `64KiB`.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let unit = argument.dropFirst(digits.count).uppercased()
    let shifts = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30]
    let name = unit.count > 1 ? String(unit.prefix(1)) : unit
    guard let number = Int(digits), number > 0, let shift = shifts[name], unit.count <= 3, number < 1 << 30 else {
      return nil
    }
    bytes = number << shift
  }

  var defaultValueDescription: String { "\(bytes >> 20)M" }
}
