import Model

/// What runs on the node.
///
/// - SeeAlso: proc_pid_cmdline(5)
struct Processes: Sendable {
  struct Process: Sendable {
    let id: Int
    let arguments: [String]
    var name: String { arguments.first.map(\.baseName) ?? "" }
    var path: String { "/proc/\(id)/cmdline" }

    /// When it started, in seconds since 1970-01-01 UTC, to a second.
    ///
    /// - SeeAlso: proc_pid_stat(5), proc_stat(5)
    func start(_ source: any Source) throws(ReadError) -> Double {
      let boot = try source.text(of: "/proc/stat").configLines.first { $0.words.first == "btime" }
      // The name, in parentheses, may hold blanks and parentheses; the start is field 22, in hundredths of a second.
      let text = try source.text(of: "/proc/\(id)/stat")
      let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
      guard let boot = boot?.words.last.flatMap({ Double($0) }), fields.count > 20, let ticks = Double(fields[20])
      else {
        throw .malformed("no start of process \(id)")
      }
      return boot + ticks / 100
    }
  }

  let all: [Process]

  /// - Throws: `.notCaptured` where `/proc` has no process folders: then nobody knows what runs.
  init(of source: any Source) throws(ReadError) {
    let ids = try source.entries(of: "/proc").compactMap { Int($0) }.sorted()
    if ids.isEmpty { throw .notCaptured }
    var found: [Process] = []
    for id in ids {
      guard let bytes = try? source.contents(of: "/proc/\(id)/cmdline", limit: 1 << 18), !bytes.isEmpty else {
        if let comm = try? source.text(of: "/proc/\(id)/comm").trimmed {
          found.append(Process(id: id, arguments: [comm]))
        }
        continue
      }
      var parts = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      if parts.last?.isEmpty ?? false { parts.removeLast() }
      if let last = parts.indices.last { parts[last] = parts[last].trimmed }
      // Captured command lines are sometimes text with spaces.
      if parts.count == 1 { parts = parts[0].split(separator: " ").map(String.init) }
      found.append(Process(id: id, arguments: parts))
    }
    // A capture that holds process 1 and kernel threads only left the others out: nobody knows what runs.
    guard found.contains(where: { $0.id > 2 && !$0.name.isEmpty }) else { throw .notCaptured }
    all = found
  }

  /// The first process whose program has this name.
  func named(_ name: String) -> Process? { all.first { $0.name == name } }
}
