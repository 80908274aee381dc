import Foundation
import Testing

/// Node trees of `Tests/Fixtures/node-trees`: layers of files, bases made of layers, and cases that change a base.
///
/// Each section begins with `=== NAME`. Within it, `--- PATH` writes a file, `+++ PATH` adds to one, and `!!! VERB`
/// changes what is there. After the path stands `x` for a program, `0` for a command line of `/proc`, `rpm` for a
/// database of packages, `-` for a folder, `-> TARGET` for a link. `{{pem NAME}}` and `{{base64 NAME}}` are
/// certificates.
struct NodeTrees {
  struct Case: CustomTestStringConvertible {
    let name: String
    let bases: [String]
    /// The id that must come first, and those that may follow; none for a healthy node.
    let expected: [String]
    let steps: [Step]
    var testDescription: String { name }
  }

  struct Step {
    let mark: String
    let words: [String]
    let head: String
    let text: String
  }

  private(set) var cases: [Case] = []
  private var layers: [String: [Step]] = [:]
  private var bases: [String: (layers: [String], steps: [Step])] = [:]
  private var certificates: [String: String] = [:]

  init() {
    for (name, body) in Self.sections("certificates") {
      certificates[name] = body.trimmingCharacters(in: .newlines) + "\n"
    }
    for file in ["systems", "kernels", "runtimes", "networks", "kubernetes"] {
      for (name, body) in Self.sections(file) { layers[name] = steps(body) }
    }
    for file in ["cases-healthy", "cases-broken"] {
      for (head, body) in Self.sections(file) {
        if head.hasPrefix("base ") {
          let parts = head.dropFirst(5).split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
          bases[parts[0]] = (parts[1].split(separator: " ").map(String.init), steps(body))
          continue
        }
        let parts = head.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let words = parts[2].split(separator: " ").map(String.init)
        cases.append(
          Case(
            name: parts[0], bases: parts[1].split(separator: " ").map(String.init),
            expected: words == ["silent"] ? [] : words, steps: steps(body)))
      }
    }
  }

  private static func sections(_ file: String) -> [(String, String)] {
    let url = Binary.package.appendingPathComponent("Tests/Fixtures/node-trees/\(file).txt")
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    return ("\n" + text).components(separatedBy: "\n=== ").dropFirst().map { part in
      let end = part.firstIndex(of: "\n") ?? part.endIndex
      return (String(part[..<end]), String(part[end...].dropFirst()))
    }
  }

  private func steps(_ body: String) -> [Step] {
    var result: [(mark: String, head: String, lines: [Substring])] = []
    for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
      if ["--- ", "+++ ", "!!! "].contains(where: line.hasPrefix) {
        result.append((String(line.prefix(3)), String(line.dropFirst(4)), []))
      } else if !result.isEmpty {
        result[result.count - 1].lines.append(line)
      }
    }
    return result.map { step in
      var lines = step.lines
      while lines.last?.isEmpty ?? false { lines.removeLast() }
      let text = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
      return Step(
        mark: step.mark, words: step.head.split(separator: " ").map(String.init), head: step.head, text: filled(text))
    }
  }

  private func filled(_ text: String) -> String {
    guard text.contains("{{") else { return text }
    var text = text
    for (name, pem) in certificates {
      text = text.replacingOccurrences(of: "{{pem \(name)}}\n", with: pem)
      text = text.replacingOccurrences(of: "{{base64 \(name)}}", with: Data(pem.utf8).base64EncodedString())
    }
    return text
  }

  /// Builds the tree of `item` below `root`.
  func build(_ item: Case, at root: URL) throws {
    let folder = TreeFolder(root: root.path)
    for base in item.bases { try build(base, in: folder) }
    for step in item.steps { try folder.apply(step) }
  }

  private func build(_ name: String, in folder: TreeFolder) throws {
    if let base = bases[name] {
      for layer in base.layers { try build(layer, in: folder) }
      for step in base.steps { try folder.apply(step) }
    } else if let steps = layers[name] {
      for step in steps { try folder.apply(step) }
    } else {
      throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
    }
  }
}

/// The folder of one tree.
struct TreeFolder {
  let root: String
  private var files: FileManager { FileManager.default }

  private struct Fault: Error, CustomStringConvertible { let description: String }

  /// The path on this machine; links in folders above it are followed inside the root.
  private func local(_ path: String, lastLink: Bool = false) -> String {
    var pending = Array(path.split(separator: "/").map(String.init).reversed())
    var done: [String] = []
    while let part = pending.popLast() {
      if part == ".." {
        _ = done.popLast()
        continue
      }
      let here = root + "/" + (done + [part]).joined(separator: "/")
      if lastLink || !pending.isEmpty, let target = try? files.destinationOfSymbolicLink(atPath: here) {
        if target.hasPrefix("/") { done = [] }
        pending += target.split(separator: "/").map(String.init).reversed()
      } else {
        done.append(part)
      }
    }
    return root + "/" + done.joined(separator: "/")
  }

  func apply(_ step: NodeTrees.Step) throws {
    if step.mark == "!!!" { return try change(step) }
    let words = step.words
    let path = local(words[0], lastLink: step.mark == "+++")
    try files.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    if words.count > 2, words[1] == "->" {
      try? files.removeItem(atPath: path)
      return try files.createSymbolicLink(atPath: path, withDestinationPath: words[2])
    }
    var data = Data(step.text.utf8)
    switch words.count > 1 ? words[1] : "" {
    case "-": return try files.createDirectory(atPath: path, withIntermediateDirectories: true)
    case "x": data = Data("\u{7f}ELF".utf8)
    case "0": data = Data((step.text.split(whereSeparator: \.isWhitespace).joined(separator: "\0") + "\0").utf8)
    case "rpm":
      let packages = step.text.split(separator: "\n").map { $0.replacingOccurrences(of: " ", with: "\0") }
      data = Data(("SQLite format 3\0" + packages.map { "\0\0\($0)\0" + "1.el9\0" }.joined()).utf8)
    default: break
    }
    if step.mark == "+++", let old = files.contents(atPath: path) { data = old + data }
    if step.mark == "---" { try? files.removeItem(atPath: path) }
    try data.write(to: URL(fileURLWithPath: path))
    if words.count > 1, words[1] == "x" { try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
  }

  private func change(_ step: NodeTrees.Step) throws {
    let words = step.words
    switch words[0] {
    case "delete": for path in words.dropFirst() { try files.removeItem(atPath: local(path)) }
    case "keep": try keep(Array(words.dropFirst()))
    case "chmod":
      try files.setAttributes([.posixPermissions: Int(words[1], radix: 8) ?? 0], ofItemAtPath: local(words[2]))
    case "fill":
      for number in (Int(words[2]) ?? 0)...(Int(words[3]) ?? 0) {
        try Data("id\n".utf8).write(to: URL(fileURLWithPath: local(words[1] + String(number))))
      }
    case "sub":
      let parts = step.head.components(separatedBy: " :: ")
      let sides = parts[1].components(separatedBy: " =>").map { $0.replacingOccurrences(of: "\\n", with: "\n") }
      let path = local(words[1], lastLink: true)
      let old = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
      guard old.contains(sides[0]) else { throw Fault(description: "nothing to replace: \(step.head)") }
      let new = sides[1].hasPrefix(" ") ? String(sides[1].dropFirst()) : sides[1]
      try Data(old.replacingOccurrences(of: sides[0], with: new).utf8).write(to: URL(fileURLWithPath: path))
    default: throw Fault(description: "no such step: \(step.head)")
    }
  }

  /// Takes away all but `paths`, which are one or two folders deep.
  private func keep(_ paths: [String]) throws {
    for top in try files.contentsOfDirectory(atPath: root) {
      let inner = paths.filter { $0.hasPrefix("/\(top)/") }
      if paths.contains("/\(top)") { continue }
      if inner.isEmpty {
        try files.removeItem(atPath: "\(root)/\(top)")
      } else {
        for name in try files.contentsOfDirectory(atPath: "\(root)/\(top)") where !inner.contains("/\(top)/\(name)") {
          try files.removeItem(atPath: "\(root)/\(top)/\(name)")
        }
      }
    }
  }
}
