import Glibc
import Model

/// Reads packed logs and archives as streams: gzip, bzip2, xz, zstd, lz4; tar and zip; one inside another, once.
///
/// - SeeAlso: libarchive(3), archive_read_open(3)
struct Archive {
  private let descriptor: Int32
  private let head: [UInt8]
  private(set) var readCount = 0
  private(set) var failures: [(name: String, error: ReadError)] = []

  /// - Parameter head: bytes that were already taken from a descriptor which cannot be rewound.
  init(descriptor: Int32, head: [UInt8]) {
    self.descriptor = descriptor
    self.head = head
  }

  /// Whether the first bytes of an input are those of a packed file.
  static func isPacked(_ head: [UInt8]) -> Bool {
    let magics: [[UInt8]] = [
      [0x1f, 0x8b], Array("BZh".utf8), [0xfd, 0x37, 0x7a, 0x58, 0x5a], [0x28, 0xb5, 0x2f, 0xfd],
      [0x04, 0x22, 0x4d, 0x18], [0x50, 0x4b, 0x03, 0x04], [0x50, 0x4b, 0x05, 0x06],
    ]
    if magics.contains(where: head.starts) { return true }
    return head.count > 262 && head[257...].starts(with: Array("ustar".utf8))
  }

  /// Feeds every regular file of the archive to a feeder of its own.
  mutating func read(
    name: String, modified: LogTime?, depth: Int, feeder make: (String, LogTime?) -> BlockFeeder
  ) throws(ReadError) {
    let state = ReadState(descriptor: descriptor, head: head)
    try walk(state, name: name, modified: modified, depth: depth, feeder: make)
  }

  private mutating func walk(
    _ state: ReadState, name: String, modified: LogTime?, depth: Int, feeder make: (String, LogTime?) -> BlockFeeder
  ) throws(ReadError) {
    var reader = self
    defer { self = reader }
    try ArchiveWalk.entries(of: state) { (entry, archive) throws(ReadError) -> Bool in
      guard entry.isRaw || entry.status.kind == .file else { return true }
      let label = entry.isRaw ? name : name + ":" + (entry.name ?? "?")
      let time = entry.isRaw ? modified : LogTime(seconds: entry.status.modified, hasZone: true)
      try reader.readEntry(archive, state, label, time, depth, make)
      return true
    }
  }

  /// Feeds the current entry of `archive`, unpacked once more where it is packed and `depth` is 0.
  mutating func readEntry(
    _ archive: OpaquePointer, _ outer: ReadState, _ name: String, _ modified: LogTime?, _ depth: Int,
    _ make: (String, LogTime?) -> BlockFeeder
  ) throws(ReadError) {
    let source = ReadState(archive: archive, outer: outer)
    let first = try source.chunk()
    guard !first.isEmpty else { return }
    if Self.isPacked(first) {
      // What is packed yet deeper is no text, whatever its few bytes look like.
      guard depth == 0 else { return failures.append((name, .malformed("is packed in an archive in an archive"))) }
      source.pushBack(first)
      do throws(ReadError) {
        try walk(source, name: name, modified: modified, depth: 1, feeder: make)
      } catch {
        failures.append((name, error))
      }
      return
    }
    let feeder = make(name, modified)
    do throws(ReadError) {
      if first.starts(with: Array("LPKSHHRH".utf8)) {
        do throws(ReadError) {
          try readJournal(first, source, into: feeder)
        } catch {
          // One journal that cannot be read costs itself: what follows it in the archive is read.
          failures.append((name, error))
        }
      } else {
        feeder.add(first)
        while !feeder.isCancelled {
          let next = try source.chunk()
          if next.isEmpty { break }
          feeder.add(next)
        }
      }
    } catch {
      if feeder.finish() { readCount += 1 }
      throw error
    }
    if feeder.finish() { readCount += 1 }
  }

  /// A journal inside an archive passes through a temporary file, because sd-journal maps its files and refuses one
  /// that has no name any more.
  func readJournal(
    _ first: [UInt8], _ source: ReadState? = nil, into feeder: BlockFeeder
  ) throws(ReadError) {
    let copy = try TemporaryFile(suffix: ".journal")
    defer { unlink(copy.path) }
    var chunk = first
    while !chunk.isEmpty {
      try copy.write(chunk)
      chunk = try source?.chunk() ?? []
    }
    try JournalFiles.read([copy.path], into: feeder)
  }
}
