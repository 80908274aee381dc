import Model

/// Fills the values of a node into a command, so that it is safe to paste.
enum CommandTemplate {
  /// Replaces `${name}`, `${name?other|default}` and their like in `template`.
  ///
  /// A name is a capture or a fact. Of a list that stands after `?`, the first item is taken: what is read of a node
  /// then serves where a line would have named one thing.
  ///
  /// Values are quoted for the shell. A value that is missing, or that could act as an option or hide text from the
  /// reader, leaves `<NAME>`, which no shell runs.
  static func fill(_ template: String, captures: [String: String], facts: [String: Fact]) -> String {
    var result = ""
    var rest = Substring(template)
    while let start = rest.firstRange(of: "${") {
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
      result += rest[..<start.lowerBound]
      let inner = rest[start.upperBound..<end].split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
      let names = (inner.first ?? "").split(separator: "?").map(String.init)
      let name = names.first ?? ""
      let known = captures[name] ?? facts[name]?.value?.text
      let others = names.dropFirst().lazy.compactMap { captures[$0] ?? facts[$0]?.value?.firstItem }
      if let value = known ?? others.first, isHarmless(value) {
        result += quoted(value)
      } else if inner.count == 2 {
        result += inner[1]
      } else {
        result += "<" + name.split(separator: ".").joined(separator: "_").uppercased() + ">"
      }
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private static func isHarmless(_ value: String) -> Bool {
    !value.isEmpty && !value.hasPrefix("-") && value.utf8.count <= 400
      && value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && !$0.isBidirectionalControl }
  }

  /// `value` as one word of a POSIX shell.
  static func quoted(_ value: String) -> String {
    let plain = value.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: "-_./:@%+,=".utf8.contains(byte)
      }
    }
    if plain, !value.isEmpty { return value }
    return "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}

extension FactValue {
  /// The value, of a list the first item.
  fileprivate var firstItem: String? {
    if case .list(let items) = self { items.first } else { text }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar reorders what a terminal shows.
  fileprivate var isBidirectionalControl: Bool {
    switch value {
    case 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
