import Glibc
import Model

extension CapturedTree {
  /// Lists an archive and keeps its small contents; nil where the input is one packed file and no archive.
  init?(archive file: OpenFile, name: String) {
    guard var listing = ArchiveListing(of: file) else { return nil }
    listing.trim()
    self.init(
      name: name, place: .archive(file), entries: listing.entries, warnings: listing.warnings,
      failure: listing.failure)
  }

  /// Whether an input that begins with `head` is one packed file and no archive.
  static func isOneFile(_ head: [UInt8]) -> Bool {
    var isRaw = false
    try? ArchiveWalk.entries(of: ReadState(descriptor: -1, head: head)) { (entry, _) throws(ReadError) -> Bool in
      isRaw = entry.isRaw
      return false
    }
    return isRaw
  }

  /// Copies standard input or a pipe into a file without a name, because an archive is read more than once.
  static func spooled(_ descriptor: Int32, head: [UInt8]) throws(ReadError) -> OpenFile {
    let copy = try TemporaryFile()
    unlink(copy.path)
    var chunk = head
    while !chunk.isEmpty {
      try copy.write(chunk)
      var next = [UInt8](repeating: 0, count: LogInputs.blockSize)
      let count = LogInputs.fill(descriptor, &next)
      chunk = Array(next.prefix(max(0, count)))
    }
    return copy.file
  }
}

/// What the first pass over an archive learns.
private struct ArchiveListing {
  private(set) var entries: [String: CapturedTree.Entry] = [:]
  private(set) var failure: ReadError?
  private var kept = 0
  /// From this name on, no content is kept: which ones are must not depend on their order in the archive.
  private var cut: String?
  private var nameBytes = 0
  private var duplicates = 0
  private var escaping = 0

  var warnings: [String] {
    var warnings: [String] = []
    if duplicates > 0 { warnings.append("holds \(duplicates) names more than once: the last of each counts") }
    if escaping > 0 { warnings.append("holds \(escaping) names that lead out of it or are too long: passed over") }
    return warnings
  }

  init?(of file: OpenFile) {
    lseek(file.descriptor, 0, SEEK_SET)
    let state = ReadState(descriptor: file.descriptor, head: [])
    var isArchive = true
    do throws(ReadError) {
      try ArchiveWalk.entries(of: state) { (entry, archive) throws(ReadError) -> Bool in
        if entry.isRaw {
          isArchive = false
          return false
        }
        try add(entry, archive, state)
        return true
      }
    } catch {
      failure = error
    }
    if !isArchive { return nil }
  }

  private mutating func add(_ entry: ArchiveEntry, _ archive: OpaquePointer, _ state: ReadState) throws(ReadError) {
    let raw = entry.name ?? ""
    guard let path = CapturedTree.normalized(raw) else {
      // `./` is the input itself.
      if raw.contains(where: { $0 != "." && $0 != "/" }) || raw.contains("..") { escaping += 1 }
      return
    }
    nameBytes += path.utf8.count
    guard nameBytes <= CapturedTree.namesLimit else { throw .malformed("holds too many long names") }
    if let old = entries[path] {
      if old.status.kind != .folder { duplicates += 1 }
      kept -= old.contents?.count ?? 0
    }
    var listed = CapturedTree.Entry(status: entry.status, ordinal: entry.ordinal)
    listed.hardLink = entry.hardLink.flatMap(CapturedTree.normalized)
    // The entry stands even where its content is cut off.
    entries[path] = listed
    let limit = CapturedTree.keptSize(of: path)
    guard entry.status.kind == .file, entry.hardLink == nil, entry.status.size <= limit,
      cut.map({ path < $0 }) ?? true
    else { return }
    let contents = try ArchiveWalk.contents(archive, state, limit: limit + 1)
    guard contents.count <= limit else { return }
    entries[path]?.contents = contents
    kept += contents.count
    if kept > 2 * CapturedTree.memoryLimit { trim() }
  }

  /// Keeps only the contents that come first by name, as many as may stay in memory.
  mutating func trim() {
    guard kept > CapturedTree.memoryLimit || cut != nil else { return }
    var sum = 0
    for path in entries.keys.sorted() {
      guard let count = entries[path]?.contents?.count else { continue }
      if sum + count > CapturedTree.memoryLimit || cut.map({ path >= $0 }) ?? false {
        if cut.map({ path < $0 }) ?? true { cut = path }
        entries[path]?.contents = nil
      } else {
        sum += count
      }
    }
    kept = sum
  }
}
