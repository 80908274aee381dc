import Model

/// A line of a configuration file, trimmed, with its number.
struct ConfigLine: Sendable {
  let text: String
  let number: Int
  var words: [String] { text.split { $0 == " " || $0 == "\t" }.map(String.init) }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    func isSpace(_ c: Character) -> Bool { c == " " || c == "\t" || c == "\n" || c == "\r" || c == "\r\n" }
    var slice = self[...].drop(while: isSpace)
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return String(slice)
  }

  /// Without a pair of quotes around it.
  var unquoted: String {
    guard count >= 2, let first, first == last, first == "\"" || first == "'" else { return self }
    return String(dropFirst().dropLast())
  }

  /// The last part of a path.
  var baseName: String { split(separator: "/").last.map(String.init) ?? self }

  /// The lines that are neither empty nor comments.
  var configLines: [ConfigLine] {
    split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap { index, line in
      let text = String(line).trimmed
      return text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";")
        ? nil : ConfigLine(text: text, number: index + 1)
    }
  }

  /// The lines `KEY=VALUE`, quotes taken off, as in os-release(5) and environment files.
  var assignments: [(key: String, value: String, line: Int)] {
    configLines.compactMap { line in
      guard let equals = line.text.firstIndex(of: "=") else { return nil }
      var key = String(line.text[..<equals]).trimmed
      if key.hasPrefix("export ") { key = String(key.dropFirst(7)).trimmed }
      return (key, String(line.text[line.text.index(after: equals)...]).trimmed.unquoted, line.number)
    }
  }
}

extension Source {
  /// The names in a folder; none where it is absent or unreadable.
  func names(in path: String) -> [String] { (try? entries(of: path)) ?? [] }

  /// Whether something surely stands at `path`.
  func has(_ path: String) -> Bool { (try? exists(path)) ?? false }

  /// Whether the source can say what is missing at `path`.
  func canTell(_ path: String) -> Bool { (try? exists(path)) != nil }

  /// The number that is all of the file at `path`.
  func number(of path: String) throws(ReadError) -> Double {
    let text = try text(of: path).trimmed
    guard let number = Double(text) else { throw .malformed("`\(text.prefix(40))` is no number") }
    return number
  }

  /// Where a program is installed; nil where it is not.
  ///
  /// - Throws: `.notCaptured` where the usual folders cannot be seen.
  func program(_ name: String) throws(ReadError) -> String? {
    var failure: ReadError?
    for folder in ["/usr/bin", "/usr/local/bin", "/usr/sbin", "/usr/local/sbin", "/bin", "/opt/bin", "/opt/cni/bin"] {
      let path = folder + "/" + name
      do throws(ReadError) {
        if try exists(path) { return path }
      } catch {
        if folder == "/usr/bin" || folder == "/usr/sbin" { failure = error }
      }
    }
    if let failure { throw failure }
    return nil
  }
}

/// The facts that were learnt before, by their kinds.
extension KnownFacts {
  func text(_ key: String) -> String? { self[key]?.value?.text }
  func bool(_ key: String) -> Bool? { if case .bool(let value) = self[key]?.value { value } else { nil } }
}
