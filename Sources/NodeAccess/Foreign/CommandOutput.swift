import FoundationEssentials
import Model

/// Turns what commands print into the files of a node that say the same.
enum CommandOutput {
  /// `sysctl -a` as the files of `/proc/sys`; sysctl(8) writes a dot of a name as a slash.
  static func addSysctls(_ text: String?, to node: inout CapturedNode) {
    guard let text else { return }
    for line in text.split(separator: "\n").prefix(20_000) {
      guard let equals = line.firstRange(of: " = ") ?? line.firstRange(of: "=") else { continue }
      let key = line[..<equals.lowerBound].filter { $0 != " " }
      guard key.contains("."), key.utf8.count < 256, !key.contains("..") else { continue }
      let path = String(key.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
      node.add("/proc/sys/" + path, text: line[equals.upperBound...] + "\n")
    }
  }

  /// `lsmod` as proc_modules(5).
  static func addModules(_ text: String?, to node: inout CapturedNode) {
    guard let text, text.hasPrefix("Module") else { return }
    let lines = text.split(separator: "\n").dropFirst().compactMap { line -> String? in
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count >= 3, Int(words[1]) != nil else { return nil }
      return "\(words[0]) \(words[1]) \(words[2]) - Live 0x0\n"
    }
    if !lines.isEmpty { node.add("/proc/modules", text: lines.joined()) }
  }

  /// `uname -a`: the release is its third word.
  static func addKernel(_ text: String?, to node: inout CapturedNode) {
    guard let words = text?.split(whereSeparator: \.isWhitespace), words.count > 2, words[0] == "Linux" else { return }
    node.add("/proc/sys/kernel/osrelease", text: words[2] + "\n")
  }

  /// `systemctl cat`: each file of the unit after a comment with its path.
  static func addUnitFiles(_ text: String?, to node: inout CapturedNode) {
    guard let text else { return }
    var path: String?
    var lines: [Substring] = []
    func finish() { if let path { node.add(path, text: lines.joined(separator: "\n") + "\n") } }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("# /"), line.hasSuffix(".service") || line.hasSuffix(".conf"), !line.contains("/../") {
        finish()
        path = String(line.dropFirst(2))
        lines = []
      } else {
        lines.append(line)
      }
    }
    finish()
  }

  /// A file as it is, under the first of its names.
  static func addCopy(_ view: TreeView, _ entries: [String], as path: String, to node: inout CapturedNode) {
    if let entry = entries.first(where: { view.size($0) > 0 }) { node.add(path, entry: view.full(entry)) }
  }

  /// The JSON document at `path`.
  static func json<Document: Decodable>(_ view: TreeView, _ path: String, _ type: Document.Type) -> Document? {
    guard let bytes = try? view.tree.contents(of: view.full(path), limit: CapturedTree.smallSize) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(bytes))
  }
}
