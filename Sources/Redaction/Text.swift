/// Bytes that can be asked for any position: outside of them there is a line feed.
///
/// The memory belongs to the caller and must outlive the value.
struct Text {
  let base: UnsafePointer<UInt8>?
  let count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    count = base == nil ? 0 : bytes.count
  }

  @inline(__always) subscript(_ index: Int) -> UInt8 {
    guard index >= 0, index < count, let base else { return 10 }
    return base[index]
  }

  /// The bytes of `range`, as far as they exist.
  subscript(_ range: Range<Int>) -> ArraySlice<UInt8> {
    let from = min(max(range.lowerBound, 0), count)
    let to = max(from, min(range.upperBound, count))
    return ArraySlice(UnsafeBufferPointer(start: base.map { $0 + from }, count: to - from))
  }

  func string(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

  /// The end of the line that holds `position`: the place of its line feed, or the end of the text.
  func lineEnd(after position: Int) -> Int { find(10, from: position, to: count) ?? count }

  /// The first byte of the line that holds `position`.
  func lineStart(before position: Int) -> Int {
    var start = min(position, count)
    while start > 0, self[start - 1] != 10 { start -= 1 }
    return start
  }

  /// The first `byte` in the range.
  func find(_ byte: UInt8, from: Int, to: Int) -> Int? {
    var position = max(from, 0)
    let end = min(to, count)
    guard let base else { return nil }
    while position < end {
      if base[position] == byte { return position }
      position += 1
    }
    return nil
  }

  /// The first occurrence of `word` that begins in the range and ends before `to`.
  func find(_ word: StaticString, from: Int, to: Int) -> Int? {
    let last = min(to, count) - word.utf8CodeUnitCount
    var position = max(from, 0)
    while position <= last {
      guard let next = find(word.utf8Start.pointee, from: position, to: last + 1) else { return nil }
      if has(word, at: next) { return next }
      position = next + 1
    }
    return nil
  }

  /// Whether `word` begins at `position`.
  func has(_ word: StaticString, at position: Int) -> Bool {
    for index in 0..<word.utf8CodeUnitCount where self[position + index] != word.utf8Start[index] { return false }
    return position >= 0 && position + word.utf8CodeUnitCount <= count
  }

  /// Whether `word`, in lower case, begins at `position`, case ignored.
  func hasIgnoringCase(_ word: StaticString, at position: Int) -> Bool {
    for index in 0..<word.utf8CodeUnitCount where self[position + index].lowered != word.utf8Start[index] {
      return false
    }
    return position >= 0 && position + word.utf8CodeUnitCount <= count
  }

  /// Whether `word` occurs in the range.
  func contains(_ word: StaticString, in range: Range<Int>) -> Bool {
    find(word, from: range.lowerBound, to: range.upperBound) != nil
  }

  /// The first position from `position` on whose byte is no blank.
  func skipBlanks(_ position: Int, to end: Int) -> Int {
    var position = position
    while position < end, self[position].isBlank { position += 1 }
    return position
  }

  /// The end of the run that begins at `position`.
  func run(from position: Int, to end: Int, while test: (UInt8) -> Bool) -> Int {
    var position = position
    while position < min(end, count), test(self[position]) { position += 1 }
    return position
  }
}

extension UInt8 {
  @inline(__always) var lowered: UInt8 { self >= 65 && self <= 90 ? self | 32 : self }
  var isBlank: Bool { self == 32 || self == 9 }
  /// Whether it ends a word: a blank, a line's end or the NUL between arguments.
  var isSpace: Bool { self <= 32 }
  var isDigit: Bool { self >= 48 && self <= 57 }
  var isLower: Bool { self >= 97 && self <= 122 }
  var isUpper: Bool { self >= 65 && self <= 90 }
  var isLetter: Bool { isLower || isUpper }
  var isAlphanumeric: Bool { isDigit || isLetter }
  var isHex: Bool { isDigit || (lowered >= 97 && lowered <= 102) }
  /// Whether it can stand in a name such as `db.password` or `API_KEY`.
  var isKey: Bool { isAlphanumeric || self == 95 || self == 45 || self == 46 }
  var isQuote: Bool { self == 34 || self == 39 || self == 96 }
  var isBase64: Bool { isAlphanumeric || self == 43 || self == 47 || self == 61 || self == 45 || self == 95 }
}

/// A secret and what takes its place.
struct Edit {
  var range: Range<Int>
  var kind: Kind
  var replacement: [UInt8]
  /// Whether it is a secret of its own, not a further line of one.
  var counts = true

  /// - Parameter quote: stands before and after the marker.
  init(_ range: Range<Int>, _ kind: Kind, quote: ArraySlice<UInt8> = []) {
    self.range = range
    self.kind = kind
    replacement = Array(quote) + kind.marker + quote
  }
}

/// The kinds of secrets, as markers and manifests call them.
enum Kind: String {
  case password, token, credential, authorization, cookie, hash, jwt
  case bootstrapToken = "bootstrap-token"
  case certificateKey = "certificate-key"
  case privateKey = "private-key"
  case secretData = "secret-data"
  case encryptionKey = "encryption-key"
  case accessKey = "access-key"
  case registryAuth = "registry-auth"
  case encodedData = "encoded-data"
  case environment = "environment-value"

  /// What stands in the place of the secret. Valid in a string of JSON, YAML and TOML, as a plain YAML scalar, as one
  /// word of a command line and as the user part of a URL.
  var marker: [UInt8] { Array("(hidden-\(rawValue))".utf8) }

  /// How every marker begins.
  static let markerStart: StaticString = "(hidden-"
}

/// In this target a range that ends before it begins is empty: what is read is hostile, and nothing may trap on it.
func ..< (lower: Int, upper: Int) -> Range<Int> { Range(uncheckedBounds: (lower, max(lower, upper))) }
