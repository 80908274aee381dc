/// Tells a document (configuration, rules, source code) from a log by its shape.
///
/// What an API server or a tool says of a failure is kept: events, conditions and `kubectl describe` are no documents,
/// although they look like one.
struct DocumentShape {
  private var lines = 0
  private var structured = 0
  private var nested = 0
  private var code = 0
  private var isScript = false
  /// Keys of rules: what such a document quotes, it looks for.
  private var isRules = false
  /// Keys under which failures are reported.
  private var isReport = false
  /// Keys of objects that an API server gave.
  private var isObserved = false

  private static let ruleKeys: Set<String> = [
    "pattern", "regex", "regexp", "matches", "expr", "alert", "when", "examples",
  ]
  private static let reportKeys: Set<String> = [
    "message", "msg", "reason", "status", "error", "err", "warning", "fatal", "stderr", "output", "events", "log",
    "lasttransitiontime", "lasttimestamp",
  ]
  private static let observedKeys: Set<String> = ["lasttransitiontime", "lasttimestamp", "resourceversion"]
  private static let codeStarts = [
    "package ", "import ", "func ", "#include ", "def ", "class ", "public ", "private ", "static ", "return ",
    "return;", "const ", "let ", "var ", "type ", "struct ", "if (", "} else", "fi", "done", "case ", "elif ", "fn ",
    "use ", "func(", "for (", "while (", "try {", "@Test",
  ]

  /// Looks at the first lines of `text`.
  init(of text: some StringProtocol) {
    for line in text.split(separator: "\n", maxSplits: 2000).prefix(2000) { look(at: line[...]) }
  }

  private mutating func look(at raw: some StringProtocol) {
    let line = Substring(raw.drop { $0 == " " || $0 == "\t" })
    guard !line.isEmpty, line != "\r" else { return }
    lines += 1
    if lines == 1, line.hasPrefix("#!/") { isScript = true }
    if Self.codeStarts.contains(where: line.hasPrefix) { code += 1 }
    if let key = Self.key(line) {
      structured += 1
      if raw.count > line.count || line.hasPrefix("- ") { nested += 1 }
      if Self.ruleKeys.contains(key) { isRules = true }
      if Self.reportKeys.contains(key) { isReport = true }
      if Self.observedKeys.contains(key) { isObserved = true }
    } else if line.hasPrefix("#") || line.hasPrefix("- ") || "{}[]".contains(line.first ?? " ") || line == "---"
      || (line.hasPrefix("\"") && (line.hasSuffix("\"") || line.hasSuffix("\",")))
    {
      structured += 1
    }
  }

  /// The key of `key: value`, `- key: value` or `"key": value`, in lower case; nil for any other line.
  private static func key(_ line: Substring) -> String? {
    var rest = line
    while rest.hasPrefix("- ") { rest = rest.dropFirst(2).drop { $0 == " " } }
    let quoted = rest.hasPrefix("\"")
    if quoted { rest = rest.dropFirst() }
    let key = rest.prefix { $0.isLetter || $0.isNumber || "_-./".contains($0) }
    rest = rest.dropFirst(key.count)
    if quoted {
      guard rest.hasPrefix("\"") else { return nil }
      rest = rest.dropFirst()
    }
    guard !key.isEmpty, rest.hasPrefix(":") else { return nil }
    let value = rest.dropFirst()
    // `kubectl describe` aligns its values.
    guard value.isEmpty || value == "\r" || (value.hasPrefix(" ") && !value.hasPrefix("   ")) else { return nil }
    return key.lowercased()
  }

  /// Whether this is configuration or rules in YAML or JSON.
  var isConfiguration: Bool {
    lines >= 8 && nested >= 3 && structured * 100 >= lines * 95 && (isRules || !isReport)
  }

  /// Whether this is rules in YAML or JSON. Their long texts are broken over lines, and they quote whole log lines.
  var isRuleFile: Bool { isRules && !isObserved && lines >= 8 && nested >= 3 && structured * 100 >= lines * 60 }

  /// Whether this is source code or a script.
  var isCode: Bool { isScript || (code >= 5 && code * 10 >= lines) }
}
