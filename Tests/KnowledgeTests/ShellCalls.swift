import Foundation
import Testing

/// One simple command of a script: its words, in which `ShellCalls.unknown` stands for what the shell fills in.
struct ShellCall: Equatable {
  var words: [String]
  /// Number of the line in the script, from 1.
  var line: Int
}

/// Finds the simple commands of bash scripts with the parser of shfmt.
enum ShellCalls {
  /// Stands in a word for a variable or the output of a command.
  static let unknown: Character = "\u{1}"

  /// The calls in `script`, those in command substitutions, pipes, loops and conditions as well.
  static func parse(_ script: String) throws -> [ShellCall] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appendingPathComponent("script")
    let output = folder.appendingPathComponent("tree")
    let errors = folder.appendingPathComponent("errors")
    try script.write(to: input, atomically: true, encoding: .utf8)
    try Data().write(to: output)
    try Data().write(to: errors)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/shfmt")
    process.arguments = ["-tojson", "-ln", "bash"]
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    let complaint = try String(contentsOf: errors, encoding: .utf8)
    try #require(process.terminationStatus == 0, "\(complaint)")
    var calls: [ShellCall] = []
    collect(try JSONSerialization.jsonObject(with: Data(contentsOf: output)), into: &calls)
    return calls
  }

  private static func collect(_ node: Any, into calls: inout [ShellCall]) {
    if let list = node as? [Any] {
      for item in list { collect(item, into: &calls) }
    } else if let fields = node as? [String: Any] {
      if fields["Type"] as? String == "CallExpr", let words = fields["Args"] as? [Any], !words.isEmpty {
        let line = (fields["Pos"] as? [String: Any])?["Line"] as? Int ?? 0
        calls.append(ShellCall(words: words.map(text), line: line))
      }
      for (key, value) in fields where key != "Pos" && key != "End" { collect(value, into: &calls) }
    }
  }

  private static func text(_ word: Any) -> String {
    let parts = (word as? [String: Any])?["Parts"] as? [[String: Any]] ?? []
    return parts.reduce(into: "") { result, part in
      switch part["Type"] as? String {
      case "Lit", "SglQuoted": result += part["Value"] as? String ?? ""
      case "DblQuoted": result += text(part)
      default: result.append(unknown)
      }
    }
  }
}
