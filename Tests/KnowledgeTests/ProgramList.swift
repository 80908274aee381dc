import Foundation

/// The programs and flags of `Programs.tsv`, and which of them were used.
struct ProgramList {
  /// How a flag takes its value.
  enum Value { case none, required, glued }

  struct Row {
    var flags: [String: Value]
    var packages: [String]
    var seen: String
  }

  private(set) var rows: [String: Row] = [:]
  private(set) var used: Set<String> = []
  /// The rows of each program.
  private var programs: [String: [String: Row]] = [:]
  /// Scripts that were handed to `sh -c`.
  private(set) var scripts: [String] = []

  /// Reads the table: program, packages, manual, flags; a flag ends in `=` or `?` when it takes a value.
  init(_ table: String) {
    for line in table.split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard cells.count >= 4 else { continue }
      var flags: [String: Value] = [:]
      for flag in (cells.count > 4 ? cells[4] : "").split(separator: " ") {
        switch flag.last {
        case "=": flags[String(flag.dropLast())] = .required
        case "?": flags[String(flag.dropLast())] = .glued
        default: flags[String(flag)] = Value.none
        }
      }
      let row = Row(flags: flags, packages: [cells[1], cells[2]], seen: cells[3])
      rows[cells[0]] = row
      programs[String(cells[0].prefix { $0 != " " }), default: [:]][cells[0]] = row
    }
  }

  /// Rows and flags that no call used.
  var unused: [String] {
    rows.flatMap { key, row in
      used.contains(key)
        ? row.flags.keys.filter { !used.contains(key + "\t" + $0) }.map { "\(key) \($0)" } : [key]
    }.sorted()
  }

  /// What is wrong with a call: programs, subcommands and flags that the list does not have.
  mutating func complaints(_ words: [String]) -> [String] {
    guard var program = words.first else { return [] }
    if program.contains(ShellCalls.unknown) { return ["a program that is not named"] }
    program = String(program.split(separator: "/").last ?? "")
    let arguments = Array(words.dropFirst())
    switch program {
    case "sudo", "xargs": return leading(program, arguments, skipping: 0)
    case "timeout": return leading(program, arguments, skipping: 1)
    case "env" where !arguments.isEmpty: return leading(program, arguments, skipping: 0)
    case "k3s" where ["kubectl", "crictl"].contains(arguments.first): return complaints(arguments)
    case "find": return find(arguments)
    case "sh":
      scripts += arguments.drop { $0 != "-c" }.dropFirst().prefix(1)
      return simple(program, arguments)
    default: return simple(program, arguments)
    }
  }

  /// A program that runs the command in its last arguments.
  private mutating func leading(_ program: String, _ arguments: [String], skipping: Int) -> [String] {
    guard let row = rows[program] else { return ["\(program) is not in the list"] }
    used.insert(program)
    var index = 0
    var own: [String] = []
    while index < arguments.count, arguments[index].hasPrefix("-") || arguments[index].contains("=") {
      own.append(arguments[index])
      if row.flags[arguments[index]] == .required, index + 1 < arguments.count {
        index += 1
        own.append(arguments[index])
      }
      index += 1
    }
    return simple(program, own) + complaints(Array(arguments.dropFirst(index + skipping)))
  }

  private mutating func find(_ arguments: [String]) -> [String] {
    guard let start = arguments.firstIndex(of: "-exec"),
      let end = arguments[start...].firstIndex(where: { $0 == "+" || $0 == ";" || $0 == "\\;" })
    else { return simple("find", arguments) }
    return simple("find", Array(arguments[...start])) + complaints(Array(arguments[(start + 1)..<end]))
      + simple("find", Array(arguments[(end + 1)...]))
  }

  private mutating func simple(_ program: String, _ arguments: [String]) -> [String] {
    guard let own = programs[program] else { return ["\(program) is not in the list"] }
    var all: [String: Value] = [:]
    for row in own.values { all.merge(row.flags) { $0 == .none ? $1 : $0 } }
    let words = split(arguments, by: all).words
    let keys = (0...words.count).map { ([program] + words.prefix($0)).joined(separator: " ") }.filter { own[$0] != nil }
    guard let best = keys.last, best != program || own.count == 1 || words.isEmpty else {
      return ["\(program) \(words.first ?? "") is not in the list"]
    }
    used.formUnion(keys)
    var allowed: [String: Value] = [:]
    for key in keys { allowed.merge(own[key]?.flags ?? [:]) { $1 } }
    let found = split(arguments, by: allowed)
    for flag in found.flags {
      if let key = keys.last(where: { own[$0]?.flags[flag] != nil }) { used.insert(key + "\t" + flag) }
    }
    return found.unknown.map { "\(best) has no \($0) in the list" }
  }

  /// Tells flags, their values and other words apart; short flags may stand together.
  private func split(
    _ arguments: [String], by known: [String: Value]
  ) -> (words: [String], flags: [String], unknown: [String]) {
    var result: (words: [String], flags: [String], unknown: [String]) = ([], [], [])
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        result.words += rest
        break
      }
      guard word.hasPrefix("-"), word.count > 1 else {
        result.words.append(word)
        continue
      }
      if let value = known[word] {
        result.flags.append(word)
        if value == .required { _ = rest.popFirst() }
        continue
      }
      let name = String(word.prefix { $0 != "=" })
      if name != word, let value = known[name], value != .none {
        result.flags.append(name)
        continue
      }
      guard !word.hasPrefix("--") else {
        result.unknown.append(name)
        continue
      }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        guard let value = known["-\(letter)"] else {
          result.unknown.append("-\(letter) (in \(word))")
          break
        }
        result.flags.append("-\(letter)")
        if value == .none { continue }
        if letters.isEmpty, value == .required { _ = rest.popFirst() }
        break
      }
    }
    return result
  }
}
