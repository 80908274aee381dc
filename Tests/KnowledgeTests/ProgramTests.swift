import EmbeddedKnowledge
import Foundation
import Model
import Testing

@testable import Knowledge

/// Fixes name only programs and flags that somebody read up in their manuals.
@Suite struct ProgramTests {
  private static let table = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Programs.tsv")

  @Test func everyProgramAndFlagIsInTheList() throws {
    let files = try EmbeddedKnowledge.files.withUnsafeBytes { try KnowledgeFile.decode($0) }
    var script = ""
    var owners: [String] = []
    for rule in try RuleSet(files: files).rules {
      for command in rule.fixes.flatMap({ $0.commands + $0.verify + $0.undo }) {
        let filled = Self.filled(command)
        script += filled + "\n"
        owners += Array(
          repeating: rule.id, count: filled.split(separator: "\n", omittingEmptySubsequences: false).count)
      }
    }
    try #require(owners.count > 1000)
    var list = ProgramList(try String(contentsOf: Self.table, encoding: .utf8))
    var complaints: Set<String> = []
    for call in try ShellCalls.parse(script) {
      for complaint in list.complaints(call.words) { complaints.insert("\(owners[call.line - 1]): \(complaint)") }
    }
    for call in try ShellCalls.parse(list.scripts.joined(separator: "\n")) {
      for complaint in list.complaints(call.words) { complaints.insert("in sh -c: \(complaint)") }
    }
    #expect(complaints.isEmpty, "\(complaints.sorted().joined(separator: "\n"))")
    #expect(list.unused.isEmpty, "no fix uses these: \(list.unused.joined(separator: ", "))")
  }

  @Test func everyRowSaysWhereItWasRead() throws {
    let list = ProgramList(try String(contentsOf: Self.table, encoding: .utf8))
    for (name, row) in list.rows {
      #expect(row.packages.allSatisfy { !$0.isEmpty }, "\(name)")
      #expect(row.seen.hasPrefix("https://") || row.seen.hasSuffix(")"), "\(name): \(row.seen)")
    }
  }

  @Test(arguments: [
    ("sudo -E ctl get -q", []),
    ("ctl get -qn 3 --all-of=x; ctl get -n3", []),
    ("frob", ["frob is not in the list"]),
    ("sudo frob", ["frob is not in the list"]),
    ("echo | xargs -r frob", ["frob is not in the list"]),
    ("timeout 5 frob", ["frob is not in the list"]),
    ("if ! frob; then echo; fi", ["frob is not in the list"]),
    (#"echo "$(frob)""#, ["frob is not in the list"]),
    ("find . -exec frob {} +", ["frob is not in the list"]),
    (#"find . -exec echo {} \; -size 3"#, ["find has no -s (in -size) in the list"]),
    ("ctl put", ["ctl put is not in the list"]),
    ("ctl get -x", ["ctl get has no -x (in -x) in the list"]),
    ("ctl get -qx", ["ctl get has no -x (in -qx) in the list"]),
    ("ctl get --none=1", ["ctl get has no --none in the list"]),
    ("ctl get -n -x", []),
    ("sudo -x echo", ["sudo has no -x (in -x) in the list"]),
    (#""$p" x"#, ["a program that is not named"]),
  ])
  func theCheckCanFail(script: String, expected: [String]) throws {
    var list = ProgramList(
      """
      sudo\t-\t-\tx(1)\t-E
      ctl get\t-\t-\tx(1)\t-q -n= --all-of=
      echo\t-\t-\tx(1)\t
      xargs\t-\t-\tx(1)\t-r
      timeout\t-\t-\tx(1)\t
      find\t-\t-\tx(1)\t-exec
      """)
    #expect(try ShellCalls.parse(script).flatMap { list.complaints($0.words) } == expected)
  }

  @Test func whatNoFixUsesIsFound() {
    var list = ProgramList("a b\t-\t-\tx(1)\t-q -n=\na c\t-\t-\tx(1)\nd\t-\t-\tx(1)\t-e")
    #expect(list.complaints(["a", "b", "-n", "-q"]).isEmpty && list.complaints(["d"]).isEmpty)
    #expect(list.unused == ["a b -q", "a c", "d -e"])
  }

  /// The command with a plain word in place of every value.
  private static func filled(_ template: String) -> String {
    var names: [String: String] = [:]
    for part in template.components(separatedBy: "${").dropFirst() {
      names[String(part.prefix { !"}|?".contains($0) })] = "VALUE"
    }
    return CommandTemplate.fill(template, captures: names, facts: [:])
  }
}
