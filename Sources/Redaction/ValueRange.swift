/// Where a value begins and what is known of it.
struct ValueContext {
  let place: SecretFinder.NamePlace
  let start: Int
  /// Whether its name leaves no doubt.
  let isStrong: Bool
  var isColon = false
  var isSpaced = false
  /// The quotes that an unquoted JSON value needs when it becomes a text.
  var wrap: ArraySlice<UInt8> = []
  var isProse = false
  var isElement = false
}

/// From the first byte of a value to its last.
extension SecretFinder {
  /// Hides the value, if it is a secret.
  func take(_ context: ValueContext) {
    let end = context.place.line.upperBound
    let start = context.start
    guard start < end else { return }
    if line.work > 1 << 20 { return hide(start..<end, context.place.name.kind) }
    defer { if covered <= start { line.work += line.lookedAt } }
    line.lookedAt = 0
    if context.place.name.meaning == .authorization || context.place.name.meaning == .cookie {
      return takeHeader(context)
    }
    if isList(start), takeList(context) { return }
    if text[start] == UInt8(ascii: "{"), context.place.name.isPlural, context.place.name.meaning == .token {
      hideValues(of: start, to: end, .token)
    }
    if context.isElement {
      let close = text.find(UInt8(ascii: "<"), from: start, to: end) ?? end
      if accepts(text[start..<close], context, isWhole: true) { hide(start..<close, context.place.name.kind) }
      return
    }
    if takeBlockScalar(context) { return }
    if text.has("\\\"\\\"\\\"", at: start), start + 6 >= end {
      state.openText = (34, context.place.name.kind)
      return
    }
    if let inner = quoted(at: start, to: end) {
      if accepts(text[inner], context, isWhole: true) { hideValue(inner, context) }
      let mark = text[start]
      if text[start + 1] == mark, text[start + 2] == mark, inner.lowerBound == start + 3, inner.upperBound == end {
        state.openText = (mark, context.place.name.kind)
        return
      }
      if inner.upperBound == end, form.isConfiguration || text[end - 1] == 92, context.isColon,
        context.place.beginsLine, !inner.isEmpty
      {
        let indent = context.place.range.lowerBound - context.place.line.lowerBound
        state.nested = Continuation.Nested(indent: indent, kind: context.place.name.kind, isScalar: false)
      }
      return
    }
    if context.isProse { return }
    let (range, isWhole) = bare(context)
    if accepts(text[range], context, isWhole: isWhole) { hideValue(range, context, wrap: context.wrap) }
  }

  private func hideValue(_ range: Range<Int>, _ context: ValueContext, wrap: ArraySlice<UInt8> = []) {
    let kind = context.place.name.kind
    if kind == .token, let dot = text.find(46, from: range.lowerBound, to: range.upperBound),
      dot - range.lowerBound == 6, range.count == 23
    {
      // The first half of a bootstrap token is its public name.
      return hide(dot + 1..<range.upperBound, .bootstrapToken)
    }
    if let key = innerKey(range) { return replaceKey(range, key) }
    hide(range, kind, quote: wrap)
  }

  /// What stands between the quotes that begin at `start`; to the end where they do not close.
  func quoted(at start: Int, to end: Int) -> Range<Int>? {
    var position = start
    while position < end, text[position] == 92 { position += 1 }
    let depth = position - start
    let mark = text[position]
    guard position < end, mark.isQuote else { return nil }
    position += 1
    if depth == 0, text[position] == mark, text[position + 1] == mark {
      // `"""x"""` of TOML and Python.
      let inner = position + 2
      let close = text.find(mark == 34 ? "\"\"\"" : "'''", from: inner, to: end) ?? end
      return inner..<close
    }
    let first = position
    var slashes = 0
    while position < end {
      let byte = text[position]
      if byte == mark {
        if mark == 34 {
          if slashes % (2 * (depth + 1)) == depth || slashes < depth {
            return first..<position - slashes % (2 * (depth + 1))
          }
        } else if mark == 39, depth == 0, text[position + 1] == 39 {
          position += 1
        } else if mark == 39, depth == 0, text.has("\\''", at: position + 1) {
          position += 3
        } else {
          return first..<max(first, position - min(depth, slashes))
        }
      }
      slashes = byte == 92 ? slashes + 1 : 0
      position += 1
    }
    return first..<end
  }

  /// An unquoted value: to the end of the line where the form says so, else a word.
  private func bare(_ context: ValueContext) -> (range: Range<Int>, isWhole: Bool) {
    let (start, end) = (context.start, context.place.line.upperBound)
    let isJSON = !context.wrap.isEmpty
    let goesToEnd =
      !isJSON && context.place.beginsLine && !context.place.isFlag
      && (context.isColon || context.isSpaced || form.isAssignments)
    if goesToEnd {
      var last = start
      while last < end, !isBreak(last) {
        if text[last] == UInt8(ascii: "#"), text[last - 1].isBlank { break }
        last += 1
      }
      while last > start, text[last - 1].isSpace || text[last - 1] == UInt8(ascii: ",") { last -= 1 }
      return (start..<last, true)
    }
    var last = start
    // `"--password=two words"`, `"DB_PASSWORD=two words"`: the quote before the name ends the value.
    let before =
      context.place.range.lowerBound
      - (context.place.isFlag ? text[context.place.range.lowerBound - 2] == 45 ? 3 : 2 : 1)
    let isArgument = (text[before] == 34 || text[before] == 39) && !context.isColon && !context.isSpaced
    let isInQuotes = isArgument && (context.place.isFlag || context.place.name.isUpper)
    let mark = text[before]
    while last < end,
      isInQuotes ? !(text[last].isBlank && separates(last, end)) && text[last] != mark : !text[last].isSpace,
      text[last] != 34, text[last] != UInt8(ascii: "<"), !isBreak(last)
    {
      if text[last] == 39, last > start { break }
      if text[last] == 44 || text[last] == 59 || text[last] == 38, isJSON || separates(last, end) { break }
      last += 1
    }
    let isMarked = text.contains(Kind.markerStart, in: start..<last)
    while !isMarked, last > start + 1, isClosing(text[last - 1]) { last -= 1 }
    let rest = text.skipBlanks(last, to: end)
    return (start..<last, rest >= end || !text[last].isBlank)
  }

  /// Whether an escape that ends a value stands at `position`: `\n`, `\"`.
  private func isBreak(_ position: Int) -> Bool {
    guard text[position] == 92 else { return false }
    var next = position
    while text[next] == 92, next - position < 16 { next += 1 }
    return text[next] == 34 || text[next] == 110 || text[next] == 114 || text[next] == 116
  }

  /// Whether another name and value follow the separator at `position`.
  private func separates(_ position: Int, _ end: Int) -> Bool {
    let name = text.skipBlanks(position + 1, to: end)
    let next = text.run(from: name, to: min(end, name + 64), while: \.isKey)
    // `a,b` is one word.
    if text[position] == 44, name == position + 1, next > name, text[next] != 61, text[next] != 58 { return false }
    return next >= end || (next > name && (text[next] == 61 || text[next] == 58)) || text[next].isSpace
  }

  /// Whether a list of JSON, TOML or Go begins at `position`.
  private func isList(_ position: Int) -> Bool {
    if text[position] == UInt8(ascii: "[") { return true }
    guard text[position] == UInt8(ascii: "{") else { return false }
    return text.has("[]string", at: position - 8) || text.has("[]uint8", at: position - 7)
      || text.has("[]byte", at: position - 6)
  }

  /// The texts of a list on one line, or the begin of a longer one.
  private func takeList(_ context: ValueContext) -> Bool {
    let end = context.place.line.upperBound
    var position = context.start + 1
    let close = text[context.start] + 2
    let kind = context.place.name.kind
    if keyText(position..<end).isEmpty {
      state.list = Continuation.List(kind: kind, onlyRandom: context.place.name.meaning != .password, lines: 40)
      return true
    }
    let numbers = text.run(from: position, to: end) { $0.isHex || $0 == 32 || $0 == 44 || $0 == 120 }
    if text[numbers] == close, numbers - position >= 16 {
      // Go prints bytes as numbers.
      hide(position..<numbers, context.place.name.kind)
      return true
    }
    var found = false
    while position < end, text[position] != close {
      if let inner = quoted(at: position, to: end) {
        found = true
        if accepts(text[inner], context, isWhole: true) { hide(inner, context.place.name.kind) }
        position = inner.upperBound + 1
      } else if found || text[position].isBlank || text[position] == 92 || text[position] == 44 {
        position += 1
      } else {
        return false
      }
    }
    return found
  }

  /// A block scalar of YAML: the lines below are the value.
  private func takeBlockScalar(_ context: ValueContext) -> Bool {
    guard context.isColon, text[context.start] == UInt8(ascii: "|") || text[context.start] == UInt8(ascii: ">") else {
      return false
    }
    let end = context.place.line.upperBound
    var rest = text.run(from: context.start + 1, to: end) { $0.isDigit || $0 == 43 || $0 == 45 }
    rest = text.skipBlanks(rest, to: end)
    guard rest >= end || text[rest] == UInt8(ascii: "#") else { return false }
    let indent = context.place.range.lowerBound - context.place.line.lowerBound
    state.nested = Continuation.Nested(indent: indent, kind: context.place.name.kind, isScalar: false)
    return true
  }

  /// Whether a value is one to hide.
  ///
  /// - Parameter isWhole: no further word follows.
  func accepts(_ raw: ArraySlice<UInt8>, _ context: ValueContext, isWhole: Bool) -> Bool {
    line.lookedAt += raw.count
    var value = raw
    while let last = value.last, last.isSpace { value = value.dropLast() }
    guard !SecretValue.isPlaceholder(value), !SecretValue.isPath(value) else { return false }
    let name = context.place.name
    if name.text == "initialclustertoken" { return SecretValue.isVeryRandom(value) }
    if name.isPlural, name.meaning != .credential, text[context.start] != 91,
      !SecretValue.isRandom(value) || value.contains(where: { $0 == 40 || $0 == 91 })
    {
      return false
    }
    if name.text == "routingkey" { return value.count == 32 && value.allSatisfy(\.isHex) }
    let isQuoted = text[raw.isEmpty ? context.start : context.start].isQuote || text[context.start] == 92
    let isFlag = context.place.isFlag
    if !isQuoted, value.first == UInt8(ascii: "{") || (isFlag && value.first == 45) { return false }
    if isProse(value, context) { return false }
    switch name.meaning {
    case .password:
      if isQuoted || context.isStrong { return !context.isProse || isQuoted }
      return (isWhole && value.count >= 3) || SecretValue.isRandom(value)
    case .secret, .credential:
      let isSure = name.isUpper || Self.sureSecrets.contains(where: name.text.hasPrefix) || isFlag
      if isSure || (name.meaning == .credential && !context.isColon), context.isStrong {
        return !SecretValue.isQuantity(value, digits: 7)
      }
      if SecretValue.isObjectName(value) || SecretValue.isQuantity(value, digits: 7) { return false }
      return context.isStrong
        ? value.count >= 6 && (isQuoted || isWhole || SecretValue.isRandom(value)) : SecretValue.isRandom(value)
    case .auth:
      if let decoded = Base64.decoded(value), decoded.contains(58) { return true }
      return SecretValue.isRandom(value, minimum: 12) && !value.contains(40)
    case .token:
      if SecretValue.isQuantity(value, digits: 7) { return false }
      if context.isStrong, !context.isProse { return true }
      let isAlone = isWhole && context.place.beginsLine || isQuoted
      return isAlone ? SecretValue.isMixed(value) : SecretValue.isRandom(value)
    case .key, .environment:
      if SecretValue.isQuantity(value, digits: 5) { return false }
      return context.isStrong ? !isURLWithoutSecret(value) : SecretValue.isRandom(value)
    case .authorization, .cookie, .certificateKey: return true
    }
  }

  private static let sureSecrets = [
    "client", "app", "shared", "aad", "jwt", "api", "consumer", "hmac", "cookie", "encryption", "signing", "auth",
    "user", "oauth", "oidc", "erlang", "secretkey", "aws", "azure", "s3", "minio", "token", "webhooksecret", "rpc",
  ]

  private func isURLWithoutSecret(_ value: ArraySlice<UInt8>) -> Bool {
    SecretValue.contains(value, "://") && !value.contains(UInt8(ascii: "@"))
  }

  /// Whether the value is the begin of a sentence about the name.
  private func isProse(_ value: ArraySlice<UInt8>, _ context: ValueContext) -> Bool {
    let words = value.split(whereSeparator: \.isBlank)
    guard let first = words.first else { return true }
    var isProseWord = false
    if first.count <= 20, first.allSatisfy({ $0.isLetter || isPunctuation($0) }) {
      let word = String(decoding: first.lazy.map(\.lowered).filter { $0.isLower }, as: UTF8.self)
      isProseWord = SecretValue.prose.contains(word)
    }
    if context.place.isFlag { return isProseWord && text[context.place.range.upperBound] != 61 && !form.isArguments }
    // nsswitch.conf: `passwd: files systemd`.
    if context.place.name.text == "passwd",
      words.allSatisfy({ Self.services.contains(String(decoding: $0, as: UTF8.self)) || $0.first == UInt8(ascii: "[") })
    {
      return true
    }
    if form.isConfiguration, context.place.beginsLine { return false }
    if isProseWord { return !context.isStrong || words.count > 1 || context.isColon }
    if first.last == UInt8(ascii: ":") { return words.count > 1 && context.isColon }
    guard words.count > 2, !context.isStrong, context.place.name.meaning != .password else { return false }
    return words.allSatisfy { $0.allSatisfy { $0.isLetter || isPunctuation($0) } }
  }

  private static let services = [
    "files", "systemd", "compat", "sss", "ldap", "nis", "db", "winbind", "cache_file_db", "extrausers",
  ]

  private func isPunctuation(_ byte: UInt8) -> Bool {
    byte == 44 || byte == 46 || byte == 58 || byte == 59 || byte == 34 || byte == 39
  }

  private func isClosing(_ byte: UInt8) -> Bool {
    byte == 41 || byte == 93 || byte == 125 || byte == 44 || byte == 59 || byte == 46
  }
}
