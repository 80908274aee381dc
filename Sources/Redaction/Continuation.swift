/// What goes on in the lines that follow.
struct Continuation {
  /// A private key whose end has not come.
  struct Key {
    var body: [UInt8] = []
    var lines = 0
    var misses = 0
    /// Nothing but blanks stands before its lines.
    let isPlain: Bool
    /// Where the last line of it began in its line.
    var column = -1
  }

  /// What is indented below a name.
  struct Nested {
    /// The column of the name.
    let indent: Int
    let kind: Kind
    /// Only a plain text may follow, no mapping.
    var isScalar = false
    /// The names below it have values, each of them a secret.
    var hasMembers = false
    /// Only values that look like secrets: the name is a plural.
    var onlyRandom = false
    /// Only values that are base64.
    var onlyEncoded = false
    /// The column of a member whose value goes on below.
    var member: Int?
  }

  /// The `value` of a name that was seen.
  struct ExpectedValue { let kind: Kind, lines: Int }

  /// A value in the next line that is not blank.
  struct NextLine {
    let kind: Kind, lines: Int
    /// Only one word that is no plain one: a sentence announced it.
    var onlyMixed = false
  }

  /// The column of a table of commas that holds secrets.
  struct Column { let index: Int, count: Int, kind: Kind, lines: Int }

  /// Users and passwords below `chpasswd`, in lines further to the right.
  struct Accounts { let indent: Int, lines: Int }

  /// A list in brackets.
  struct List {
    let kind: Kind, onlyRandom: Bool, lines: Int
    /// What ends it.
    var close = UInt8(ascii: "]")
  }

  var key: Key?
  var nested: Nested?
  var expectedValue: ExpectedValue?
  /// The next item of a list, after one that is a flag such as `--token`.
  var expectedItem: Kind?
  /// The secret that ended its line in the middle of a message.
  var cutKind: Kind?
  /// A text between triple quotes, whose end has not come.
  var openText: (mark: UInt8, kind: Kind)?
  /// How many lines of a key of PuTTY follow.
  var keyLines = 0
  /// In how many lines a certificate key may come.
  var certificateKeyLines = 0

  var nextLine: NextLine?
  var accounts: Accounts?
  var list: List?
  var column: Column?
  /// In how many items of a list an option of mysql may come.
  var mysqlItems = 0
  /// In how many lines expect(1) may send a password.
  var sendLines = 0
  /// How many lines of a certificate or a public key may follow.
  var publicLines = 0
  /// The line before was one of wrapped base64.
  var wraps = false

  var isActive: Bool {
    key != nil || nested != nil || expectedValue != nil || expectedItem != nil || certificateKeyLines > 0
      || cutKind != nil || openText != nil || keyLines > 0 || nextLine != nil || accounts != nil || list != nil
      || column != nil || mysqlItems > 0
      || sendLines > 0 || publicLines > 0 || wraps
  }
}

extension SecretFinder {
  /// Handles what earlier lines began; whether the line is dealt with.
  func goOn(_ range: Range<Int>) -> Bool {
    if let kind = state.cutKind {
      state.cutKind = nil
      let end = text.run(from: range.lowerBound, to: range.upperBound) {
        !$0.isSpace && !$0.isQuote && !"\\,&<".utf8.contains($0)
      }
      hide(range.lowerBound..<end, kind)
      countOnce(false)
    }
    if let open = state.openText { return goOnText(range, open) }
    if state.keyLines > 0 {
      state.keyLines -= 1
      if text[range].allSatisfy(\.isBase64) {
        hide(range, .privateKey)
        return true
      }
      state.keyLines = 0
    }
    if state.key != nil, goOnKey(range) { return true }
    if state.publicLines > 0 {
      state.publicLines = text.contains("-----END ", in: range) ? 0 : state.publicLines - 1
    }
    if state.wraps { goOnWrapped(range) }
    if state.sendLines > 0 { state.sendLines -= 1 }
    if state.nextLine != nil { goOnNextLine(range) }
    if let accounts = state.accounts, goOnAccounts(range, accounts) { return true }
    if let column = state.column { goOnColumn(range, column) }
    if state.mysqlItems > 0 { goOnItems(range) }
    if let list = state.list { goOnList(range, list) }
    if state.nested != nil, goOnNested(range) { return true }
    if let kind = state.expectedItem {
      state.expectedItem = nil
      var start = text.skipBlanks(range.lowerBound, to: range.upperBound)
      let isItem = text[start] == 45 && text[start + 1].isBlank
      if isItem { start = text.skipBlanks(start + 1, to: range.upperBound) }
      // Anything else is no list: a unit's `ExecStart=x --prompt-password` and its next line.
      if text[start] != 45, isItem || text[start].isQuote || text[start] == 92 {
        hideWholeValue(start..<range.upperBound, kind)
      }
    }
    if let expected = state.expectedValue {
      state.expectedValue =
        expected.lines > 1 ? Continuation.ExpectedValue(kind: expected.kind, lines: expected.lines - 1) : nil
      goOnValue(range, expected.kind)
    }
    if state.certificateKeyLines > 0 {
      state.certificateKeyLines -= 1
      hideCertificateKey(in: range)
    }
    return false
  }

  /// A line of a text between triple quotes; true where it is nothing else.
  private func goOnText(_ range: Range<Int>, _ open: (mark: UInt8, kind: Kind)) -> Bool {
    let close =
      text.find(open.mark == 34 ? "\"\"\"" : "'''", from: range.lowerBound, to: range.upperBound)
      ?? text.find("\\\"\\\"\\\"", from: range.lowerBound, to: range.upperBound)
    let content = range.lowerBound..<(close ?? range.upperBound)
    if !SecretValue.isPlaceholder(text[content]) { hideLine(content, open.kind) }
    if close != nil { state.openText = nil }
    return close == nil
  }

  /// The line that gives an earlier name its value.
  private func goOnValue(_ range: Range<Int>, _ kind: Kind) {
    var start = text.skipBlanks(range.lowerBound, to: range.upperBound)
    if text[start] == 45 { start = text.skipBlanks(start + 1, to: range.upperBound) }
    while text[start].isQuote || text[start] == 92, start < range.upperBound { start += 1 }
    guard text.hasIgnoringCase("value", at: start) else { return }
    let column = start - range.lowerBound
    start += 5
    while text[start].isQuote || text[start] == 92, start < range.upperBound { start += 1 }
    start = text.skipBlanks(start, to: range.upperBound)
    guard text[start] == UInt8(ascii: ":") || text[start] == UInt8(ascii: "=") else { return }
    state.expectedValue = nil
    start = text.skipBlanks(start + 1, to: range.upperBound)
    if start >= range.upperBound || text[start] == UInt8(ascii: "|") || text[start] == UInt8(ascii: ">") {
      state.nested = Continuation.Nested(indent: column, kind: kind, isScalar: start >= range.upperBound)
    } else {
      hideWholeValue(start..<range.upperBound, kind)
    }
  }

  /// Hides a quoted text, or everything up to the end but a comma.
  func hideWholeValue(_ range: Range<Int>, _ kind: Kind) {
    if let inner = quoted(at: range.lowerBound, to: range.upperBound) {
      if !SecretValue.isPlaceholder(text[inner]) { hide(inner, kind) }
      return
    }
    var end = range.upperBound
    while end > range.lowerBound, text[end - 1].isSpace || text[end - 1] == UInt8(ascii: ",") { end -= 1 }
    if !SecretValue.isPlaceholder(text[range.lowerBound..<end]), text[range.lowerBound] != UInt8(ascii: "{") {
      hide(range.lowerBound..<end, kind)
    }
  }

  /// A line below a name.
  private func goOnNested(_ range: Range<Int>) -> Bool {
    guard var nested = state.nested else { return false }
    let first = text.skipBlanks(range.lowerBound, to: range.upperBound)
    guard first < range.upperBound else { return true }
    let column = first - range.lowerBound
    let isItem = text[first] == 45 && text[first + 1].isBlank
    guard column > nested.indent || (isItem && nested.isScalar && column == nested.indent) else {
      state.nested = nil
      return false
    }
    if text.contains("-----BEGIN ", in: range), text.contains("PRIVATE KEY", in: range) { return false }
    if nested.hasMembers { return goOnMember(range, first, &nested) }
    if nested.isScalar {
      let start = isItem ? text.skipBlanks(first + 1, to: range.upperBound) : first
      if isMapping(start..<range.upperBound) || "{[}]".utf8.contains(text[start]) {
        state.nested = nil
        return false
      }
      if nested.onlyRandom, !SecretValue.isMixed(text[keyText(start..<range.upperBound)]) { return false }
      hideWholeValue(start..<range.upperBound, nested.kind)
      return true
    }
    let content = text[first..<range.upperBound]
    if !SecretValue.isPlaceholder(content) || content.count > 2 { hideLine(first..<range.upperBound, nested.kind) }
    return true
  }

  private func hideLine(_ range: Range<Int>, _ kind: Kind) {
    if !SecretValue.contains(text[range], Kind.markerStart) { hide(range, kind) }
  }

  /// Whether a line begins with a name and a colon.
  private func isMapping(_ range: Range<Int>) -> Bool {
    var position = range.lowerBound
    if text[position].isQuote { position += 1 }
    let end = text.run(from: position, to: range.upperBound) { $0.isKey || $0 == UInt8(ascii: "/") }
    let after = text[end].isQuote ? end + 1 : end
    return end > position && text[after] == UInt8(ascii: ":")
      && (after + 1 >= range.upperBound || text[after + 1].isBlank)
  }

  /// A member of a Secret's data, or a line of its value.
  private func goOnMember(_ range: Range<Int>, _ first: Int, _ nested: inout Continuation.Nested) -> Bool {
    let column = first - range.lowerBound
    if let member = nested.member, column > member {
      // What is no base64 is no data of a Secret, and looked at as any other line.
      guard !nested.onlyEncoded || SecretValue.isBase64(text[first..<range.upperBound]) else { return false }
      hideLine(first..<range.upperBound, nested.kind)
      return true
    }
    nested.member = nil
    defer { if state.nested != nil { state.nested = nested } }
    var position = first
    if let name = quoted(at: first, to: range.upperBound) {
      position = name.upperBound + 1
    } else {
      position = text.run(from: first, to: range.upperBound) { $0.isKey || $0 == UInt8(ascii: "/") }
    }
    position = text.skipBlanks(position, to: range.upperBound)
    guard text[position] == UInt8(ascii: ":"), position < range.upperBound else { return false }
    position = text.skipBlanks(position + 1, to: range.upperBound)
    if text[position] == UInt8(ascii: "!") {
      position = text.skipBlanks(text.run(from: position, to: range.upperBound) { !$0.isSpace }, to: range.upperBound)
    }
    if position >= range.upperBound || text[position] == UInt8(ascii: "|") || text[position] == UInt8(ascii: ">") {
      nested.member = column
      return true
    }
    let inner = quoted(at: position, to: range.upperBound)
    if inner?.upperBound == range.upperBound { nested.member = column }
    if nested.onlyEncoded {
      var end = inner?.upperBound ?? range.upperBound
      while end > position, text[end - 1].isSpace || text[end - 1] == 44 { end -= 1 }
      let value = (inner?.lowerBound ?? position)..<end
      guard SecretValue.isBase64(text[value]) else { return false }
      hide(value, nested.kind)
      return true
    }
    hideWholeValue(position..<range.upperBound, nested.kind)
    return true
  }
}
