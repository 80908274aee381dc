import ArgumentParser
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

  @Option(help: "The root folder of the node (default: this machine).", completion: .directory)
  var root = "/"

  @OptionGroup var options: CommonOptions

  func run() throws {
    signal(SIGPIPE, SIG_DFL)
    Interrupt.listen()
    let knowledge = try load(options.knowledge)
    let source = try openRoot(root)
    let reading = NodeReading(of: source)
    let scanner = try LogScanner(knowledge.rules.signatures, database: knowledge.database, zone: nil)
    let logs = NodeLogs(of: source, now: reading.facts["node.time"], into: scanner)
    var observations = scanner.observations
    // What the node is now weighs more than what a line once said of it.
    observations.facts.merge(reading.facts) { $1 }
    keepOwnHost(&observations)
    let isNode = isNode(observations)
    let diagnosis = isNode ? knowledge.rules.diagnose(observations) : Diagnosis(findings: [])
    if !options.quiet { for failure in logs.failures { complain("\(failure.name): \(failure.error)") } }
    var summary = scanner.summary
    summary.kind = source.isLive ? .live : .root
    summary.inputs = [source.name]
    let report = Report(
      version: KDoctor.version, ruleCount: knowledge.rules.rules.count, source: summary, facts: observations.facts,
      diagnosis: diagnosis, collection: reading.collection + [logs.status],
      skippedCount: knowledge.rules.openCount(diagnosis, observations))
    print(options.reporter.report(report, in: options.language), terminator: "")
    if Interrupt.isRequested { throw ExitCode.interrupted }
    if diagnosis.has(atLeast: options.failOn) { throw ExitCode.found }
    if isNode, reading.failed(for: knowledge.rules.factKeys) || !logs.failures.isEmpty { throw ExitCode.incomplete }
  }

  /// Facts are about one node: lines that other hosts sent to it are none of its own.
  private func keepOwnHost(_ observations: inout Observations) {
    guard observations.hits.keys.count > 1, let name = observations.facts["node.hostname"]?.value?.text else { return }
    func short(_ name: String) -> Substring { name.prefix { $0 != "." } }
    let own = observations.hits.filter { $0.key.map { short($0) == short(name) } ?? true }
    if own.contains(where: { $0.key != nil }) { observations.hits = own }
  }

  /// A machine whose logs hold a kubelet's lines was a node, whatever its files say.
  private func isNode(_ observations: Observations) -> Bool {
    guard case .bool(false) = observations.facts["node.isKubernetes"]?.value else { return true }
    return observations.hits.values.contains { hits in hits.values.contains { $0.first?.unit == "kubelet" } }
  }
}

/// `kdoctor facts`: what the collectors see.
struct Facts: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show what kdoctor sees of a node.")

  enum Form: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "The root folder of the node (default: this machine).", completion: .directory)
  var path: String?

  @Option(help: "The same as PATH.", completion: .directory)
  var root: String?

  @Flag(help: "Show every fact that there is, and what it means.")
  var list = false

  @Option(name: [.customShort("o"), .long], help: "text or json.")
  var output: Form = .text

  func run() throws {
    signal(SIGPIPE, SIG_DFL)
    if list {
      return print(FactListing.questions(AllCollectors.list.flatMap { $0.answers }, asJSON: output == .json))
    }
    let reading = NodeReading(of: try openRoot(root ?? path ?? "/"))
    switch output {
    case .text: print(FactListing.text(reading.facts, unknown: reading.unknown))
    case .json: print(FactListing.json(reading.facts, unknown: reading.unknown))
    }
  }
}

/// The node below `root`, or the end with a message.
func openRoot(_ root: String) throws -> DirectorySource {
  var status = stat()
  guard stat(root, &status) == 0 else {
    complain("\(root): \(String(cString: strerror(errno)))")
    throw ExitCode.notDone
  }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    complain("\(root): is no folder")
    throw ExitCode.notDone
  }
  let source = DirectorySource(root: root)
  do throws(ReadError) {
    guard try !source.entries(of: "/").isEmpty else { throw .empty }
  } catch {
    complain("\(root): \(error)")
    throw ExitCode.notDone
  }
  return source
}

/// The logs that a node keeps: its journal, else what syslog wrote; and those of the control plane's pods.
struct NodeLogs {
  private(set) var failures: [(name: String, error: ReadError)] = []
  let status: CollectionStatus

  /// How far back the live journal is read: it may hold years.
  private static let horizon = 86_400.0

  init(of source: DirectorySource, now: Fact?, into scanner: LogScanner) {
    let began = ContinuousClock.now
    var inputs = LogInputs(into: ScannerFeed(scanner))
    if source.isLive, case .number(let now) = now?.value { inputs.since = now - Self.horizon }
    func read(_ path: String) { if let local = try? source.localPath(of: path) { inputs.read(local) } }
    let journals = ["/var/log/journal", "/run/log/journal"].filter { !((try? source.entries(of: $0)) ?? []).isEmpty }
    for folder in journals { read(folder) }
    let wasRead = inputs.readCount > 0
    for name in (try? source.entries(of: "/var/log")) ?? [] {
      let path = "/var/log/" + name
      let isSyslog = name == "syslog" || name == "messages" || name == "kern.log"
      // The journal holds what syslog holds, and more.
      if isSyslog ? !wasRead : name.hasSuffix(".log") && Self.isOfNode(name) { read(path) }
    }
    for name in (try? source.entries(of: "/var/log/pods")) ?? [] where name.hasPrefix("kube-system_") {
      read("/var/log/pods/" + name)
    }
    failures = inputs.failures.filter {
      switch $0.error {
      case .absent, .notCaptured, .empty: false
      case .denied, .malformed, .failed: true
      }
    }
    let spent = (ContinuousClock.now - began).components
    let detail = failures.map { "\($0.name): \($0.error)" }.joined(separator: "; ")
    status = CollectionStatus(
      collector: "logs", outcome: !failures.isEmpty ? .partial : inputs.readCount > 0 ? .ok : .skipped,
      detail: !failures.isEmpty ? detail : inputs.readCount > 0 ? nil : "no logs were found",
      milliseconds: Int(spent.seconds * 1000 + spent.attoseconds / 1_000_000_000_000_000))
  }

  private static func isOfNode(_ name: String) -> Bool {
    ["kube", "containerd", "crio", "docker", "k3s", "rke2"].contains(where: name.hasPrefix)
  }
}
