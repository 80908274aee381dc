import ArgumentParser
import Knowledge
import LogScan
import Model
import Reports

/// `kdoctor rules`: the knowledge base.
struct Rules: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show, check and test the knowledge base.", subcommands: [List.self, Lint.self, Test.self, Pages.self])

  /// `kdoctor rules list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the failures that kdoctor knows.")

    enum Form: String, ExpressibleByArgument, CaseIterable { case text, json, dot }

    @Option(name: [.customShort("o"), .long], help: "text, json, or dot: the graph of causes.")
    var output: Form = .text

    @Option(help: "en or zh.")
    var lang: Language = .en

    @Option(help: "A folder of rules to add.")
    var knowledge: String?

    func run() throws {
      let rules = try load(knowledge).rules.rules
      switch output {
      case .text:
        for rule in rules { try say("\(rule.id)\t\(rule.area)\t\(rule.kind.rawValue)\t\(rule.title[lang])") }
      case .json: try say(RuleListing.json(rules, in: lang))
      case .dot:
        try say("digraph kdoctor {\n  rankdir=LR;")
        for rule in rules { for id in rule.explains { try say("  \"\(rule.id)\" -> \"\(id)\";") } }
        try say("}")
      }
    }
  }

  /// `kdoctor rules lint`
  struct Lint: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check rule files for faults.")

    @Argument(help: "A knowledge folder (default: the built-in knowledge).")
    var path: String?

    func run() throws {
      let knowledge = try load(path)
      try finish(knowledge.rules.lint(), of: path, count: knowledge.rules.rules.count)
    }
  }

  /// `kdoctor rules test`
  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the examples that rule files carry.")

    @Argument(help: "A knowledge folder (default: the built-in knowledge).")
    var path: String?

    @Option(help: "Only rules of this area or id.")
    var only: [String] = []

    func run() throws {
      let knowledge = try load(path)
      let faults = try knowledge.rules.testExamples(with: knowledge.database) {
        only.isEmpty || only.contains($0.id) || only.contains($0.area)
      }
      try finish(faults, of: path, count: knowledge.rules.rules.count)
    }
  }
}

/// Prints faults, one a line, and ends with 2 where there are any.
private func finish(_ faults: [KnowledgeError], of folder: String?, count: Int) throws {
  for fault in faults { try say(fault.naming(folder)) }
  if !faults.isEmpty {
    complain("\(faults.count) \(faults.count == 1 ? "fault" : "faults") in \(count) rules")
    throw ExitCode.notDone
  }
  try say("\(count) rules are in order")
}
