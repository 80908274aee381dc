import Model

/// One line of a configuration file.
struct NumberedLine: Sendable, Equatable {
  /// Counted from 1.
  let number: Int
  let text: String

  /// The words between blanks.
  var fields: [String] {
    text.split(maxSplits: 4096, whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).map(String.init)
  }
}

/// The lines of `text`, without their ends.
func numberedLines(_ text: String, limit: Int = 200_000) -> [NumberedLine] {
  var lines: [NumberedLine] = []
  for part in text.utf8.split(separator: UInt8(ascii: "\n"), maxSplits: limit, omittingEmptySubsequences: false) {
    if lines.count >= limit { break }
    var bytes = part
    if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
    lines.append(NumberedLine(number: lines.count + 1, text: String(decoding: bytes, as: UTF8.self)))
  }
  return lines
}

extension String {
  /// Whether `part` occurs, ASCII case ignored.
  func containsIgnoringCase(_ part: String) -> Bool { lowercased().contains(part.lowercased()) }
}

/// What a file says, with the absence of the file told apart from ignorance.
enum Reading<Value> {
  case found(Value)
  case absent
  case unknown(ReadError)

  /// The value, if it was read.
  var value: Value? { if case .found(let value) = self { value } else { nil } }
  /// The reason why nothing is known.
  var error: ReadError? { if case .unknown(let error) = self { error } else { nil } }
}

extension Source {
  /// The text of the file at `path`.
  func reading(_ path: String) -> Reading<String> {
    do throws(ReadError) { return .found(try text(of: path)) } catch {
      if case .absent = error { return .absent }
      if case .empty = error { return .found("") }
      return .unknown(error)
    }
  }

  /// The names in the folder at `path`.
  func listing(_ path: String) -> Reading<[String]> {
    do throws(ReadError) { return .found(try entries(of: path)) } catch {
      if case .absent = error { return .absent }
      return .unknown(error)
    }
  }

  /// Whether something stands at `path`, links followed.
  func existing(_ path: String) -> Reading<PathStatus> {
    do throws(ReadError) { return .found(try status(of: path, followingLinks: true)) } catch {
      if case .absent = error { return .absent }
      return .unknown(error)
    }
  }

  /// The file at `path` below `/proc/net`, which is a link to the reader's own folder; process 1 shows the host's.
  func procNet(_ file: String) -> (path: String, text: Reading<String>) {
    var last = (path: "/proc/net/\(file)", text: Reading<String>.absent)
    for folder in ["/proc/1/net", "/proc/net", "/proc/self/net"] {
      let read = reading("\(folder)/\(file)")
      if read.value != nil { return ("\(folder)/\(file)", read) }
      if read.error != nil { last = (last.path, read) }
    }
    return last
  }
}

extension Collected {
  /// Answers `key` with a truth.
  mutating func add(_ key: String, bool: Bool, from source: String, line: Int? = nil) {
    add(key, .bool(bool), from: source, line: line)
  }

  /// Answers `key` with a list.
  mutating func add(_ key: String, list: [String], from source: String, line: Int? = nil) {
    add(key, .list(list), from: source, line: line)
  }

  /// Leaves all of `keys` open.
  mutating func leaveOpen(_ keys: [String], because error: ReadError) {
    for key in keys { leaveOpen(key, because: error) }
  }

  /// Answers whether something stands at `path`.
  mutating func addExistence(_ key: String, of path: String, in source: any Source) {
    switch source.existing(path) {
    case .found: add(key, bool: true, from: path)
    case .absent: add(key, bool: false, from: path)
    case .unknown(let error): leaveOpen(key, because: error)
    }
  }
}

extension KnownFacts {
  /// The text of a fact, if it is known and not empty.
  func filled(_ key: String) -> String? {
    if case .text(let text)? = self[key]?.value, !text.isEmpty { text } else { nil }
  }

  /// The items of a fact, if it is known; a text is a list of one.
  func list(_ key: String) -> [String]? {
    switch self[key]?.value {
    case .list(let items)?: items
    case .text(let text)?: text.isEmpty ? [] : [text]
    default: nil
    }
  }

  /// The number of a fact, if it is known.
  func number(_ key: String) -> Double? {
    if case .number(let number)? = self[key]?.value { number } else { nil }
  }
}

extension Array where Element: Hashable {
  /// The elements, each at its first place only.
  var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
