import ArgumentParser
import Knowledge
import Model
import Reports

/// `kdoctor explain ID`: all that is known of one failure.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show all that kdoctor knows of one failure.", usage: "kdoctor explain [<options>] <id>")

  @Argument(help: "The id of a failure, as `kdoctor rules list` shows it.")
  var id: String

  @OptionGroup var options: CommonOptions

  func run() throws {
    let rules = try load(options.knowledge).rules
    guard let rule = rules.rule(id) else {
      let question = Nearest.question(for: id, among: rules.rules.map(\.id))
      complain(
        "`\(id)` is no failure that kdoctor knows"
          + (question.isEmpty ? "; `kdoctor rules list` shows all" : question))
      throw ExitCode.notDone
    }
    let causes = rules.rules.filter { $0.explains.contains(rule.id) }.map(\.id)
    let page = RulePage(rule: rule, causes: causes, fixes: rules.generalFixes(of: rule))
    if options.output == .json { return try say(page.json(in: options.language)) }
    try say(page.text(in: options.language), terminator: "")
  }
}
