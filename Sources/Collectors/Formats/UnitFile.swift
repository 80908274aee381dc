import Model

/// A systemd unit with its drop-ins, as far as it says what is run and with which environment.
///
/// - SeeAlso: systemd.unit(5), systemd.service(5), systemd.exec(5)
struct UnitFile: Sendable {
  struct Setting: Sendable {
    let key: String
    let value: String
    let file: String
    let line: Int
  }

  /// The main file; nil where there are only drop-ins.
  let path: String?
  let isMasked: Bool
  let settings: [Setting]

  private static let folders = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
  ]

  /// Reads `NAME.service`; nil where the node has neither unit nor drop-ins.
  ///
  /// - Throws: `.notCaptured` where the folders of units cannot be seen.
  static func read(_ name: String, from source: any Source) throws(ReadError) -> UnitFile? {
    var main: String?
    var isMasked = false
    for folder in folders where main == nil {
      let path = folder + "/" + name
      guard let status = try? source.status(of: path, followingLinks: false) else { continue }
      main = path
      isMasked = status.target == "/dev/null" || (status.kind == .file && status.size == 0)
    }
    var dropIns: [String: String] = [:]
    for folder in folders.reversed() {
      for file in source.names(in: folder + "/" + name + ".d") where file.hasSuffix(".conf") {
        dropIns[file] = folder + "/" + name + ".d/" + file
      }
    }
    if main == nil, dropIns.isEmpty {
      for folder in ["/etc/systemd", "/usr/lib/systemd"] {
        do throws(ReadError) { _ = try source.exists(folder) } catch { throw error }
      }
      return nil
    }
    var settings: [Setting] = []
    let files = (isMasked ? [] : [main].compactMap { $0 }) + dropIns.keys.sorted().compactMap { dropIns[$0] }
    for file in files { settings += parse((try? source.text(of: file)) ?? "", file: file) }
    return UnitFile(path: main, isMasked: isMasked, settings: settings)
  }

  private static func parse(_ text: String, file: String) -> [Setting] {
    var settings: [Setting] = []
    var pending: (text: String, line: Int)?
    for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      var line = String(raw).trimmed
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      let number = pending?.line ?? index + 1
      if let start = pending { line = start.text + " " + line }
      if line.hasSuffix("\\") {
        pending = (String(line.dropLast()).trimmed, number)
        continue
      }
      pending = nil
      guard let equals = line.firstIndex(of: "="), !line.hasPrefix("[") else { continue }
      settings.append(
        Setting(
          key: String(line[..<equals]).trimmed, value: String(line[line.index(after: equals)...]).trimmed, file: file,
          line: number))
    }
    return settings
  }

  /// The settings of `key` in force: an empty one takes back those before it.
  func values(_ key: String) -> [Setting] {
    var result: [Setting] = []
    for setting in settings where setting.key == key {
      if setting.value.isEmpty { result = [] } else { result.append(setting) }
    }
    return result
  }

  /// A word of a command line, and where it was written.
  struct Word: Sendable {
    let text: String
    let file: String
    let line: Int
  }

  /// The command line of `ExecStart=`, its variables filled in from the unit and its environment files.
  func commandLine(from source: any Source) -> [Word] {
    var variables: [String: (value: String, file: String, line: Int)] = [:]
    for setting in values("Environment") {
      for word in Self.words(setting.value) {
        guard let equals = word.firstIndex(of: "=") else { continue }
        variables[String(word[..<equals])] = (
          String(word[word.index(after: equals)...]), setting.file, setting.line
        )
      }
    }
    for setting in values("EnvironmentFile") {
      let path = setting.value.hasPrefix("-") ? String(setting.value.dropFirst()) : setting.value
      for (key, value, line) in ((try? source.text(of: path)) ?? "").assignments {
        variables[key] = (value, path, line)
      }
    }
    guard let start = values("ExecStart").last else { return [] }
    var words: [Word] = []
    for word in Self.words(start.value) {
      if let name = Self.variable(word) {
        guard let found = variables[name] else { continue }
        words += Self.words(found.value).map { Word(text: $0, file: found.file, line: found.line) }
      } else {
        words.append(Word(text: word, file: start.file, line: start.line))
      }
    }
    return words
  }

  private static func variable(_ word: String) -> String? {
    guard word.hasPrefix("$") else { return nil }
    let name = word.dropFirst()
    return name.hasPrefix("{") && name.hasSuffix("}") ? String(name.dropFirst().dropLast()) : String(name)
  }

  /// Splits at spaces outside quotes; the quotes are dropped.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isOpen = false
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        isOpen = true
      } else if character == " " || character == "\t" {
        if isOpen { words.append(word) }
        word = ""
        isOpen = false
      } else {
        word.append(character)
        isOpen = true
      }
    }
    if isOpen { words.append(word) }
    return words
  }
}

/// The flags of a command line, each with its origin; a later flag overrides an earlier one.
struct Flags: Sendable {
  struct Flag: Sendable {
    let name: String
    let value: String
    let file: String
    let line: Int?
  }

  private(set) var all: [Flag] = []

  init(_ words: [UnitFile.Word]) { self.init(words.map { ($0.text, $0.file, Optional($0.line)) }) }

  init(_ words: [(text: String, file: String, line: Int?)]) {
    var index = 0
    while index < words.count {
      let (text, file, line) = words[index]
      index += 1
      guard text.hasPrefix("-") else { continue }
      let name = text.drop { $0 == "-" }
      if let equals = name.firstIndex(of: "=") {
        all.append(
          Flag(name: String(name[..<equals]), value: String(name[name.index(after: equals)...]), file: file, line: line)
        )
      } else if index < words.count, !words[index].text.hasPrefix("-") {
        all.append(Flag(name: String(name), value: words[index].text, file: file, line: line))
        index += 1
      } else {
        all.append(Flag(name: String(name), value: "true", file: file, line: line))
      }
    }
  }

  subscript(name: String) -> Flag? { all.last { $0.name == name } }
}
