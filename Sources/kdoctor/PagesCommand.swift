import ArgumentParser
import Glibc
import Knowledge
import Model
import Reports

extension Rules {
  /// `kdoctor rules pages DIR`: the knowledge base as Markdown; `make docs` runs it.
  struct Pages: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a page of Markdown for each failure, in every language, and an index.")

    @Argument(help: "The folder to write to; it is made where it is missing.", completion: .directory)
    var folder: String

    func run() throws {
      let knowledge = try load(nil).rules
      let rules = knowledge.rules
      for language in Language.allCases {
        let place = folder + "/" + language.rawValue
        try makeFolder(folder)
        try makeFolder(place)
        var index = ["# kdoctor", ""]
        for (area, members) in Dictionary(grouping: rules, by: \.area).sorted(by: { $0.key < $1.key }) {
          index += ["## \(area)", ""]
          for rule in members {
            let causes = rules.filter { $0.explains.contains(rule.id) }.map(\.id)
            let page = RulePage(rule: rule, causes: causes, fixes: knowledge.generalFixes(of: rule))
            try write(page.text(in: language), to: place + "/" + rule.id + ".md")
            index.append("- [\(rule.id)](\(rule.id).md): \(rule.title[language])")
          }
          index.append("")
        }
        try write(index.joined(separator: "\n"), to: place + "/index.md")
      }
      try say("\(rules.count) pages in \(folder)/en and \(folder)/zh")
    }

    private func makeFolder(_ path: String) throws {
      if mkdir(path, 0o755) != 0, errno != EEXIST { throw fail(path) }
    }

    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else { throw fail(path) }
      let bytes = Array(text.utf8)
      let count = fwrite(bytes, 1, bytes.count, file)
      guard fclose(file) == 0, count == bytes.count else { throw fail(path) }
    }

    private func fail(_ path: String) -> ExitCode {
      complain("\(path): \(String(cString: strerror(errno)))")
      return .notDone
    }
  }
}
