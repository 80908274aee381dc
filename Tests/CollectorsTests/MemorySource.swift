import Model

/// A node made of texts. Folders are those of its files; what lies in `open` was not captured.
struct MemorySource: Source {
  var files: [String: String] = [:]
  /// Empty folders.
  var folders: Set<String> = []
  /// Beginnings of paths that the source cannot speak about.
  var open: [String] = []
  var modes: [String: UInt32] = [:]
  /// When files changed last, in seconds since 1970; 0 for the others.
  var modified: [String: Double] = [:]
  var answers: [Probe: [UInt8]] = [:]
  /// Probes that fail, each with its reason.
  var failures: [Probe: ReadError] = [:]
  /// What a probe without an answer gives.
  var silence = ReadError.notCaptured

  let name = "memory"

  private func check(_ path: String) throws(ReadError) {
    if open.contains(where: { path == $0 || path.hasPrefix("\($0)/") }) { throw .notCaptured }
  }

  func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    try check(path)
    guard let text = files[path] else { throw .absent }
    if text.utf8.count > limit { throw .malformed("is larger than \(limit) bytes") }
    return Array(text.utf8)
  }

  func entries(of path: String) throws(ReadError) -> [String] {
    try check(path)
    let names = Set(
      files.keys.filter { $0.hasPrefix("\(path)/") }
        .compactMap { $0.dropFirst(path.count + 1).split(separator: "/").first.map(String.init) })
    if names.isEmpty, !folders.contains(path) { throw .absent }
    return names.sorted()
  }

  func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus {
    try check(path)
    if let text = files[path] {
      return PathStatus(kind: .file, mode: modes[path] ?? 0o644, size: text.utf8.count, modified: modified[path] ?? 0)
    }
    _ = try entries(of: path)
    return PathStatus(kind: .folder, mode: 0o755, size: 0, modified: 0)
  }

  func answer(to probe: Probe) throws(ReadError) -> [UInt8] {
    if let failure = failures[probe] { throw failure }
    if case .part(let path, let offset, let length) = probe {
      let bytes = try contents(of: path, limit: .max)
      return Array(bytes.dropFirst(offset < 0 ? max(0, bytes.count + offset) : offset).prefix(length))
    }
    guard let answer = answers[probe] else { throw silence }
    return answer
  }
}

/// What a collector learnt, by key.
func values(_ collected: Collected) -> [String: FactValue?] {
  Dictionary(collected.facts.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
}

/// A known text.
func known(_ pairs: [String: FactValue]) -> KnownFacts {
  KnownFacts(
    Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, Fact(key: $0.key, value: $0.value, source: "test")) }))
}
