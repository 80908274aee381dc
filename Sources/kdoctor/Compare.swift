import ArgumentParser
import Bundles
import Collectors
import Dispatch
import Glibc
import Knowledge
import Model
import NodeAccess
import Reports
import Synchronization

/// `kdoctor compare`: the nodes of one cluster side by side.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the nodes of a cluster by their bundles: what must be unique, what must be equal.")

  @Argument(help: "Bundles, or the root folders of captured nodes.", completion: .file())
  var bundles: [String]

  @OptionGroup var options: CommonOptions

  func run() throws {
    beginOffline()
    let knowledge = try load(options.knowledge)
    var nodes: [ComparedNode] = []
    var hasFailed = false
    for result in Self.examine(bundles, knowledge) {
      switch result {
      case .success(let node): nodes.append(node)
      case .failure(let failure):
        hasFailed = true
        complain("\(failure)")
      }
    }
    guard !nodes.isEmpty else { throw ExitCode.notDone }
    let comparison = Comparison(Self.labelled(nodes))
    let reporter = ComparisonReporter(nodes: comparison.nodes, differences: comparison.differences)
    let text =
      switch options.output {
      case .text: reporter.text(in: options.language, color: options.usesColor, width: options.width)
      case .markdown: reporter.markdown(in: options.language)
      case .json: reporter.json(in: options.language)
      }
    try say(text, terminator: "")
    if Interrupt.isRequested { throw ExitCode.interrupted }
    if comparison.differences.contains(where: { $0.severity <= options.failOn }) { throw ExitCode.found }
    if hasFailed { throw ExitCode.incomplete }
  }

  private struct Unreadable: Error, CustomStringConvertible { let description: String }

  /// Looks at all of them, as many at once as there are processors; of each only facts and the first finding stay.
  private static func examine(
    _ inputs: [String], _ knowledge: LoadedKnowledge
  ) -> [Result<ComparedNode, Unreadable>] {
    let results: Mutex<[Int: Result<ComparedNode, Unreadable>]> = Mutex([:])
    DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
      if Interrupt.isRequested { return }
      let result = examine(inputs[index], knowledge)
      results.withLock { $0[index] = result }
    }
    return results.withLock { all in all.sorted { $0.key < $1.key }.map(\.value) }
  }

  private static func examine(_ input: String, _ knowledge: LoadedKnowledge) -> Result<ComparedNode, Unreadable> {
    do throws(ReadError) {
      let examination = try Capture(path: input).examination(with: knowledge)
      let finding = examination.diagnosis.findings.first { $0.status == .active && $0.severity != .info }
      let name = examination.reading.facts["node.hostname"]?.value?.text ?? input
      return .success(
        ComparedNode(label: name, input: input, facts: examination.reading.facts, finding: finding))
    } catch {
      return .failure(Unreadable(description: "\(input): \(error)"))
    }
  }

  /// Names a node by its input as well, where its hostname is not its own.
  private static func labelled(_ nodes: [ComparedNode]) -> [ComparedNode] {
    let counts = Dictionary(grouping: nodes, by: \.label).mapValues(\.count)
    return nodes.map { node in
      guard counts[node.label, default: 0] > 1, node.label != node.input else { return node }
      return ComparedNode(
        label: "\(node.label) (\(node.input))", input: node.input, facts: node.facts, finding: node.finding)
    }
  }
}
