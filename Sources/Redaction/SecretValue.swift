/// What a value looks like.
enum SecretValue {
  /// Whether `value` is no secret whatever its name says: empty, a word of its format, a variable, hidden already.
  static func isPlaceholder(_ value: ArraySlice<UInt8>) -> Bool {
    guard let first = value.first else { return true }
    if contains(value, Kind.markerStart) { return true }
    if value.count <= 24, words.contains(String(decoding: value.map(\.lowered), as: UTF8.self)) { return true }
    if value.allSatisfy({ $0 == first }), "*xX.-_?#".utf8.contains(first) { return true }
    switch first {
    case UInt8(ascii: "$"): return isVariable(value)
    case UInt8(ascii: "<"): return value.last == UInt8(ascii: ">")
    case UInt8(ascii: "{"): return value.dropFirst().first == UInt8(ascii: "{") || value.count <= 2
    case UInt8(ascii: "%"): return value.count <= 3 || value.dropFirst().first == UInt8(ascii: "!")
    case UInt8(ascii: "["): return value.last == UInt8(ascii: "]") && value.count < 16
    default: return false
    }
  }

  private static let words: Set<String> = [
    "true", "false", "null", "nil", "none", "yes", "no", "on", "off", "~", "undefined", "redacted", "[redacted]",
    "unset",
    "--- redacted ---", "**redacted**", "<nil>", "not", "missing", "required", "invalid", "empty", "masked", "hidden",
    "|", ">", "|-", ">-", "[]", "{}", "\"\"", "''", "&", "*", "enabled", "disabled", "optional", "default", "string",
    "unknown", "<redacted>", "files", "compat", "n/a", "''''", "...", "=", "==", "!=", "data+omitted",
    "redacted+omitted",
  ]

  /// Words that follow a name in prose.
  static let prose: Set<String> = [
    "is", "was", "has", "are", "to", "for", "and", "or", "not", "the", "a", "an", "of", "in", "from", "with", "by",
    "must",
    "should", "can", "cannot", "could", "expired", "incorrect", "wrong", "failed", "failure", "error", "rejected",
    "denied", "unauthorized", "forbidden", "found", "rpc", "context", "post", "get", "unable", "no", "please", "flag",
    "flags", "option", "file", "list", "create", "delete", "generate", "user", "timeout", "unexpected", "bad",
    "authentication", "accepted", "ok", "success", "changed", "updated", "refresh", "rotated", "that", "this", "using",
    "parameter", "value", "argument", "only", "instead", "if", "when", "on", "may", "will",
  ]

  private static func isVariable(_ value: ArraySlice<UInt8>) -> Bool {
    let name = value.dropFirst()
    let isWrapped = name.first == UInt8(ascii: "{") || name.first == UInt8(ascii: "(")
    let inner = isWrapped ? name.dropFirst().dropLast() : name
    guard let first = inner.first else { return true }
    if first.isDigit { return inner.count == 1 }
    let isName = inner.allSatisfy { $0.isAlphanumeric || $0 == 95 || $0 == 46 }
    // `$Pa55word` is a password; `$PASSWORD` and `${password}` are variables.
    return isName && (isWrapped || !inner.contains(where: \.isLower) || !inner.contains(where: \.isDigit))
  }

  private static let fileEndings = [".pem", ".key", ".crt", ".json", ".yaml", ".yml", ".conf", ".txt", ".toml", ".pub"]

  /// `key.pem` and `certs/tls.key`: words with an ending of files.
  private static func isFileName(_ value: ArraySlice<UInt8>) -> Bool {
    guard value.count <= 64, value.contains(46), value.allSatisfy({ $0.isKey || $0 == UInt8(ascii: "/") }) else {
      return false
    }
    return fileEndings.contains { value.suffix($0.utf8.count).elementsEqual($0.utf8) }
  }

  private static let folders = [
    "etc", "var", "run", "usr", "home", "root", "opt", "tmp", "proc", "sys", "srv", "mnt", "data", "dev", "boot",
    "snap",
    "lib", "secrets", "certs", "config", "host", "kubernetes", "mount", "token", "workspace", "app",
  ]

  /// Whether it names a file.
  static func isPath(_ value: ArraySlice<UInt8>) -> Bool {
    if value.starts(with: "file:/".utf8) || value.starts(with: "./".utf8) || value.starts(with: "~/".utf8) {
      return true
    }
    if value.first == UInt8(ascii: "$"), value.dropFirst().first(where: { !$0.isLetter }) == UInt8(ascii: "/") {
      return true
    }
    guard value.first == UInt8(ascii: "/") else { return isFileName(value) }
    if value.count == 1 { return true }
    let first = value.dropFirst().prefix { $0 != UInt8(ascii: "/") }
    return folders.contains { first.elementsEqual($0.utf8) }
  }

  /// Whether it could be the name of an object, with or without its namespace: small letters in words.
  static func isObjectName(_ value: ArraySlice<UInt8>) -> Bool {
    let isPlain = value.allSatisfy { $0.isLower || $0.isDigit || $0 == 45 || $0 == 46 || $0 == 47 }
    guard isPlain, value.count <= 253 else { return false }
    return value.split(whereSeparator: { $0 == 45 || $0 == 46 || $0 == 47 }).allSatisfy { changes($0) < 4 }
  }

  /// How often letters and digits take turns.
  private static func changes(_ value: ArraySlice<UInt8>) -> Int {
    zip(value, value.dropFirst()).count { $0.isDigit != $1.isDigit }
  }

  /// Whether it does not look like a word, a number, a duration, a name or a path: then it is a secret even in prose.
  static func isRandom(_ value: ArraySlice<UInt8>, minimum: Int = 8) -> Bool {
    guard value.count >= minimum, !isPath(value), !isObjectName(value) else { return false }
    if contains(value, "sha256:") || contains(value, "://") { return false }
    if value.last == UInt8(ascii: ":"), !value.contains(where: \.isDigit) { return false }
    let digits = value.count(where: \.isDigit)
    let letters = value.count(where: \.isLetter)
    if letters == 0 { return false }
    let capitals = value.dropFirst().count(where: \.isUpper)
    let lowers = value.count(where: \.isLower)
    if digits > 0 { return changes(value) >= 2 || (capitals > 0 && lowers > 0) || value.count >= 16 }
    return capitals >= 3 && lowers >= 3 && value.count >= 16 && !value.contains(UInt8(ascii: "."))
  }

  /// Whether it is no plain word, where the place is one for secrets: letters beside digits, or capitals amid words.
  static func isMixed(_ value: ArraySlice<UInt8>) -> Bool {
    guard value.count >= 8, !isPath(value), !value.contains(32) else { return false }
    let turns = zip(value, value.dropFirst()).count { $0.isLower && $1.isUpper }
    if turns >= 3 || isRandom(value) { return true }
    let isOneWord = value.allSatisfy { $0 != 45 && $0 != 46 && $0 != 47 && $0 != 58 }
    return isOneWord && value.contains(where: \.isLetter) && changes(value) >= 2
  }

  /// Whether it can be no word, name or version at all, so that it is a secret even after a mere blank.
  static func isVeryRandom(_ value: ArraySlice<UInt8>) -> Bool {
    guard value.count >= 10, value.count <= 512, isRandom(value, minimum: 10) else { return false }
    let isPlain = value.allSatisfy { $0.isAlphanumeric || "+/=!@#$%^&*_".utf8.contains($0) }
    if isPlain, value.contains(where: \.isUpper), value.contains(where: \.isLower) {
      return changes(value) >= (value.count < 16 ? 3 : 2) || (value.last == UInt8(ascii: "=") && isBase64(value))
    }
    return value.count >= 32 && value.allSatisfy(\.isHex) && changes(value) >= 6
  }

  /// Whether it has the form of RFC 9562: 8, 4, 4, 4 and 12 hexadecimal digits.
  static func isUUID(_ value: ArraySlice<UInt8>) -> Bool {
    value.count == 36 && value.split(separator: 45).map(\.count) == [8, 4, 4, 4, 12]
      && value.allSatisfy { $0.isHex || $0 == 45 }
  }

  /// Whether it is base64 of something: of a length that base64 has, and not merely a word.
  static func isBase64(_ value: ArraySlice<UInt8>) -> Bool {
    guard value.count >= 4, value.count % 4 == 0, value.allSatisfy(\.isBase64) else { return false }
    if value.last == UInt8(ascii: "=") { return true }
    guard value.count >= 8, value.contains(where: \.isUpper), value.contains(where: \.isLower) else { return false }
    let turns = zip(value, value.dropFirst()).count { $0.isLower && $1.isUpper }
    return value.contains(where: \.isDigit) || turns >= 3
  }

  static func contains(_ value: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
    value.withUnsafeBytes { bytes in Text(bytes).find(word, from: 0, to: bytes.count) != nil }
  }

  /// Whether it is a number of at most `digits` digits, or a duration or size such as `24h` or `2m0s`.
  static func isQuantity(_ value: ArraySlice<UInt8>, digits: Int) -> Bool {
    guard value.first?.isDigit == true, value.count <= 12 else { return false }
    if value.allSatisfy(\.isDigit) { return value.count <= digits }
    var units = 0
    for (index, byte) in zip(value.indices, value) where !byte.isDigit {
      guard "hmsudKMGi.".utf8.contains(byte) else { return false }
      if index > value.startIndex, value[index - 1].isDigit { units += 1 }
    }
    return units > 0 && value.count <= 10
  }
}
