import ArgumentParser
import Collectors
import Glibc
import Knowledge
import Model
import NodeAccess
import Reports

extension NodeRole: ExpressibleByArgument {}

/// `kdoctor preflight`: whether a machine can become a node.
struct Preflight: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the prerequisites before `kubeadm init` or `kubeadm join`.")

  @Option(help: "What the machine is to become: control-plane or worker.")
  var role: NodeRole = .controlPlane

  @Option(help: "The root folder of the machine (default: this one).", completion: .directory)
  var root = "/"

  @OptionGroup var node: NodeOptions

  @OptionGroup var options: CommonOptions

  func run() throws {
    beginLive()
    let rules = try load(options.knowledge).rules
    let reading = NodeReading(of: PatientSource(try node.source(root)), limit: node.timeout.seconds) {
      Interrupt.isRequested
    }
    let results = rules.preflight(for: role, facts: reading.facts, unknown: reading.unknown)
    let reporter = PreflightReporter(results, role: role)
    switch options.output {
    case .text:
      print(
        reporter.text(in: options.language, color: options.usesColor, width: options.width), terminator: "")
    case .markdown: print(reporter.markdown(in: options.language), terminator: "")
    case .json: print(reporter.json(in: options.language), terminator: "")
    }
    if results.contains(where: { $0.status == .failed }) { throw ExitCode.found }
    if results.contains(where: { $0.status == .unknown }) { throw ExitCode.incomplete }
  }
}
