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

    @Option(help: "The language of the titles: en or zh (default: from the locale).")
    var lang: Language?

    @Option(help: "A folder of rules to add.")
    var knowledge: String?

    func run() throws {
      let rules = try load(knowledge).rules.rules
      let lang = lang ?? .ofLocale
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

    @Argument(help: "Knowledge folders (default: the built-in knowledge).", completion: .directory)
    var paths: [String] = []

    func run() throws {
      try report(on: paths) { $0.rules.lint() }
    }
  }

  /// `kdoctor rules test`
  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the examples that rule files carry.")

    @Argument(help: "Knowledge folders (default: the built-in knowledge).", completion: .directory)
    var paths: [String] = []

    @Option(help: "Only rules of this area or id.")
    var only: [String] = []

    func run() throws {
      try report(on: paths) { knowledge in
        try knowledge.rules.testExamples(with: knowledge.database) {
          only.isEmpty || only.contains($0.id) || only.contains($0.area)
        }
      }
    }
  }
}

/// Prints the faults of the built-in knowledge, or of each folder that is added to it, one a line, and ends with 2
/// where there are any.
private func report(on folders: [String], faults: (LoadedKnowledge) throws -> [KnowledgeError]) throws {
  var hasFaults = false
  for folder in folders.isEmpty ? [nil] : folders.map(Optional.some) {
    guard let knowledge = try? load(folder) else {
      hasFaults = true
      continue
    }
    let faults = try faults(knowledge)
    let place = folders.count > 1 ? "\(folder ?? ""): " : ""
    let count = knowledge.rules.rules.count
    for fault in faults { try say(fault.naming(folder)) }
    if faults.isEmpty {
      try say("\(place)\(count) rules are in order")
    } else {
      complain("\(place)\(faults.count) \(faults.count == 1 ? "fault" : "faults") in \(count) rules")
      hasFaults = true
    }
  }
  if hasFaults { throw ExitCode.notDone }
}
