import ArgumentParser
import CSupport
import Collectors
import Glibc
import Knowledge
import LogScan
import Model
import NodeAccess
import Reports

/// `kdoctor diagnose`: this node, or the one below another root folder.
struct Diagnose: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Diagnose this node, or a mounted disk or captured tree with --root.")

  @Option(help: "The root folder of the node; / is this machine.", completion: .directory)
  var root = "/"

  @OptionGroup var node: NodeOptions

  @OptionGroup var window: WindowOptions

  @OptionGroup var options: CommonOptions

  func run() throws {
    let asked = try window.window(now: Double(time(nil)))
    beginLive()
    let knowledge = try load(options.knowledge)
    let source = try node.source(root)
    let window = asked ?? NodeLogs.usualWindow(of: source)
    let patient = PatientSource(source)
    let examination = try Examination(
      of: patient, kind: source.isLive ? .live : .root, with: knowledge, limit: node.timeout.seconds,
      times: window.times
    ) { NodeLogs(source, patient, window, into: $0).read() }
    if !options.quiet {
      for failure in examination.logs.failures { complain("\(failure.name): \(failure.error)") }
      // The text report says it itself.
      let logs = Set(examination.logs.failures.map(\.name))
      for part in examination.report.unread where options.output != .text {
        let keys = part.names.filter { !logs.contains($0) }
        if !keys.isEmpty { complain("\(keys.joined(separator: ", ")): \(part.reason)") }
      }
      for folder in patient.hungFolders { complain("\(folder): does not answer") }
    }
    try say(options.reporter.report(examination.report, in: options.language), terminator: "")
    if let exit = examination.exit(failOn: options.failOn, rules: knowledge.rules) { throw exit }
  }
}

/// Makes ready for reading a node: a pipe that closes ends quietly, Ctrl-C is listened to, and a read that hangs for
/// ever does not keep the shell waiting.
func beginLive() {
  kdoctor_go_on_in_child()
  signal(SIGPIPE, SIG_DFL)
  Interrupt.listen()
}

/// The same for a command that reads no node.
func beginOffline() {
  signal(SIGPIPE, SIG_DFL)
  Interrupt.listen()
}

/// `kdoctor facts`: what the collectors see.
struct Facts: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show what kdoctor sees of a node.")

  enum Form: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "The root folder of the node (default: this machine).", completion: .directory)
  var path: String?

  @Option(help: "The same as PATH.", completion: .directory)
  var root: String?

  @OptionGroup var node: NodeOptions

  @Flag(help: "Show every fact that there is, and what it means.")
  var list = false

  @Option(name: [.customShort("o"), .long], help: "text or json.")
  var output: Form = .text

  func run() throws {
    signal(SIGPIPE, SIG_DFL)
    if list {
      return try say(FactListing.questions(AllCollectors.list.flatMap { $0.answers }, asJSON: output == .json))
    }
    if let root, let path, root != path { throw commandLineFault("`\(path)` and --root \(root) exclude one another") }
    beginLive()
    let source = PatientSource(try node.source(root ?? path ?? "/"))
    let reading = NodeReading(of: source, limit: node.timeout.seconds) { Interrupt.isRequested }
    switch output {
    case .text: try say(FactListing.text(reading.facts, unknown: reading.unknown))
    case .json: try say(FactListing.json(reading.facts, unknown: reading.unknown))
    }
    if Interrupt.isRequested { throw ExitCode.interrupted }
  }
}

/// The node below `root`, or the end with a message.
func openRoot(_ root: String, mayUseNetwork: Bool = false) throws -> DirectorySource {
  var status = stat()
  guard stat(root, &status) == 0 else {
    complain("\(root): \(String(cString: strerror(errno)).lowercased())")
    throw ExitCode.notDone
  }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    complain("\(root): is no folder")
    throw ExitCode.notDone
  }
  let source = DirectorySource(root: root, mayUseNetwork: mayUseNetwork)
  do throws(ReadError) {
    guard try !source.entries(of: "/").isEmpty else { throw .empty }
  } catch {
    complain("\(root): \(error)")
    throw ExitCode.notDone
  }
  return source
}
