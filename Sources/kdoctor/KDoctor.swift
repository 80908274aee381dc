import ArgumentParser
import Glibc
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

  static func main() {
    if let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), let fault = fault(in: word) {
      complain(fault)
      exit(withError: ExitCode.validationFailure)
    }
    main(nil)
  }

  /// What is wrong with the word in the place of a command; the parser says only that it is unexpected.
  private static func fault(in word: String) -> String? {
    let names = configuration.subcommands.map { $0._commandName }
    if names.contains(word) || word == "help" { return nil }
    if access(word, F_OK) == 0 { return "`\(word)` is no command; to diagnose a file: kdoctor analyze \(word)" }
    let question = Nearest.question(for: word, among: names.filter { $0 != "version" })
    return "`\(word)` is no command" + (question.isEmpty ? "; `kdoctor --help` shows all" : question)
  }

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
