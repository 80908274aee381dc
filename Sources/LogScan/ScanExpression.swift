extension Expression {
  /// A part of this many sure characters is specific enough to look for alone.
  static let sureMinimum = 8

  /// The cheapest expression that matches wherever `expression` does.
  ///
  /// Every hit is checked with the whole expression anyway, and vectorscan finds plain text several times faster than
  /// groups of common words joined by `.*`: so only the most telling part of an expression is looked for.
  public static func scannable(_ expression: String) -> String {
    guard let atoms = atoms(of: expression) else { return prepared(expression) }
    var best: (text: String, score: Int) = ("", 0)
    for (index, atom) in atoms.enumerated() {
      switch atom {
      case .plain(let text):
        // Plain text is found faster than a group, but a single common word hits too often to be worth it.
        let score = worth(of: text) >= sureMinimum ? worth(of: text) * 2 : 0
        if score > best.score { best = (escaped(text), score) }
      case .group(let text, let sure) where sure > 0:
        let before = index > 0 ? atoms[index - 1].plainText : ""
        let after = index + 1 < atoms.count ? atoms[index + 1].plainText : ""
        let score = worth(of: before) + sure + worth(of: after)
        if score > best.score { best = (escaped(before) + prepared(text) + escaped(after), score) }
      case .group, .other: break
      }
    }
    return best.score >= sureMinimum ? best.text : prepared(expression)
  }

  /// A part of an expression that every match holds in full, or that says nothing.
  private enum Atom {
    /// Plain characters.
    case plain(String)
    /// A group that must match, and how many telling characters its poorest alternative holds.
    case group(String, sure: Int)
    /// A class, an escape, an anchor, or what a quantifier makes optional.
    case other

    var plainText: String { if case .plain(let text) = self { text } else { "" } }
  }

  /// Words that stand in every other error line, and so tell little.
  private static let commonWords = [
    "rpc error: code = ", " failed", "failed to ", "error", "kubelet", "level=", "msg=", "sandbox", "plugin",
    "container",
  ]

  /// How telling `text` is: its length without the words that stand everywhere.
  private static func worth(of text: String) -> Int {
    var rest = text.lowercased()
    for word in commonWords {
      while let range = rest.firstRange(of: word) { rest.removeSubrange(range) }
    }
    return rest.utf8.count
  }

  /// The atoms of one alternative; nil where the expression has several at the top.
  private static func atoms(of expression: String) -> [Atom]? {
    var atoms: [Atom] = []
    var run = ""
    var rest = Substring(expression)
    func close() {
      if !run.isEmpty { atoms.append(.plain(run)) }
      run = ""
    }
    func add(_ atom: Atom) {
      close()
      atoms.append(atom)
    }
    while let character = rest.popFirst() {
      switch character {
      case "|": return nil
      case "\\":
        guard let next = rest.popFirst() else { return nil }
        if next.isLetter || next.isNumber { add(.other) } else { run.append(next) }
      case "[":
        skipClass(&rest)
        add(.other)
      case "(":
        guard let group = group(&rest) else { return nil }
        add(.group(group.text, sure: group.sure))
      case "?", "*", "{":
        // What stands before may be missing.
        if character == "{" { while let next = rest.popFirst(), next != "}" {} }
        if run.isEmpty { if !atoms.isEmpty { atoms[atoms.count - 1] = .other } } else { run.removeLast() }
        add(.other)
      case "+", ".", "^", "$", "\"": add(.other)
      default: run.append(character)
      }
    }
    close()
    return atoms
  }

  /// Takes a class, whose opening bracket was taken.
  private static func skipClass(_ rest: inout Substring) {
    if rest.first == "^" { rest.removeFirst() }
    if rest.first == "]" { rest.removeFirst() }
    while let next = rest.popFirst(), next != "]" { if next == "\\" { _ = rest.popFirst() } }
  }

  /// Takes a group, whose opening parenthesis was taken, and weighs its alternatives.
  private static func group(_ rest: inout Substring) -> (text: String, sure: Int)? {
    var depth = 1
    var text = "("
    var alternatives = [""]
    while let character = rest.popFirst() {
      text.append(character)
      if character == "\\" {
        guard let next = rest.popFirst() else { return nil }
        text.append(next)
        alternatives[alternatives.count - 1] += [character, next]
        continue
      }
      if character == "[" {
        let before = rest
        skipClass(&rest)
        let taken = String(before[..<rest.startIndex])
        text += taken
        alternatives[alternatives.count - 1] += "[" + taken
        continue
      }
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { break }
      if character == "|", depth == 1 {
        alternatives.append("")
      } else {
        alternatives[alternatives.count - 1].append(character)
      }
    }
    guard depth == 0 else { return nil }
    if text.hasPrefix("(?"), let start = alternatives[0].firstIndex(where: { $0 == ":" || $0 == ">" }) {
      alternatives[0] = String(alternatives[0][alternatives[0].index(after: start)...])
    }
    return (text, alternatives.map(sure).min() ?? 0)
  }

  /// How many telling characters every match of one alternative holds in a row.
  private static func sure(_ alternative: String) -> Int {
    (atoms(of: alternative) ?? []).map { atom in
      switch atom {
      case .plain(let text): worth(of: text)
      case .group(_, let sure): sure
      case .other: 0
      }
    }.max() ?? 0
  }
}
