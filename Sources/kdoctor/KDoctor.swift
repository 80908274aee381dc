import ArgumentParser
import Knowledge

/// The command line: parses arguments and joins the parts.
@main
struct KDoctor: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "kdoctor",
    abstract: "Says why a Kubernetes node is broken, proves it, and prints the commands that fix it.",
    discussion: "kdoctor changes nothing: it reads, and prints commands for you to run.",
    subcommands: [
      Diagnose.self, Analyze.self, Bundle.self, Compare.self, Preflight.self, Explain.self, Rules.self, Facts.self,
      Version.self,
    ])

  @Flag(name: .customLong("version"), help: "Show the version, the number of rules and a digest of the knowledge.")
  var showsVersion = false

  func run() throws {
    if showsVersion { return try Version().run() }
    throw CleanExit.helpRequest(self)
  }
}

/// `kdoctor version`, which `--version` runs.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", shouldDisplay: false)

  func run() throws {
    let knowledge = try LoadedKnowledge(adding: nil)
    try say("kdoctor \(KDoctor.version), \(knowledge.rules.rules.count) rules, knowledge \(knowledge.digest)")
  }
}
