import CArchive
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
  /// More entries than this are not looked at.
  private static let entryLimit = 100_000

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
    guard let archive = archive_read_new() else { throw .failed("out of memory") }
    defer { archive_read_free(archive) }
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_filter_lz4(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_format_zip_streamable(archive)
    archive_read_support_format_raw(archive)
    let context = Unmanaged.passUnretained(state).toOpaque()
    let code = archive_read_open(
      archive, context, nil,
      { _, context, buffer in
        guard let context, let buffer else { return -1 }
        return Unmanaged<ReadState>.fromOpaque(context).takeUnretainedValue().next(buffer)
      }, nil)
    guard code == ARCHIVE_OK else { throw .malformed(Self.message(archive)) }
    var entry: OpaquePointer?
    var entries = 0
    while true {
      let code = archive_read_next_header(archive, &entry)
      if code == ARCHIVE_EOF {
        if entries == 0 { throw .malformed("is an archive without any file") }
        break
      }
      if code < ARCHIVE_WARN { throw .malformed(Self.message(archive)) }
      entries += 1
      if entries > Self.entryLimit { throw .malformed("holds more than \(Self.entryLimit) entries") }
      guard let entry else { continue }
      let isRaw = archive_format(archive) == ARCHIVE_FORMAT_RAW
      guard isRaw || archive_entry_filetype(entry) == S_IFREG else { continue }
      let inner = archive_entry_pathname(entry).map { String(cString: $0) } ?? "?"
      let label = isRaw ? name : name + ":" + inner
      let time = isRaw ? modified : LogTime(seconds: Double(archive_entry_mtime(entry)), hasZone: true)
      try readEntry(archive, state, label, time, depth, make)
    }
  }

  private mutating func readEntry(
    _ archive: OpaquePointer, _ outer: ReadState, _ name: String, _ modified: LogTime?, _ depth: Int,
    _ make: (String, LogTime?) -> BlockFeeder
  ) throws(ReadError) {
    let source = ReadState(archive: archive, outer: outer)
    var first = [UInt8]()
    do throws(ReadError) {
      first = try source.chunk()
    } catch {
      throw error
    }
    guard !first.isEmpty else { return }
    if depth == 0, Self.isPacked(first) {
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
          try readJournal(first, source, feeder)
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
  private func readJournal(_ first: [UInt8], _ source: ReadState, _ feeder: BlockFeeder) throws(ReadError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((folder + "/kdoctor-XXXXXX.journal").utf8CString)
    let file = mkstemps(&template, 8)
    guard file >= 0 else { throw .failed("no temporary file: " + String(cString: strerror(errno))) }
    defer {
      close(file)
      unlink(template)
    }
    var chunk = first
    while !chunk.isEmpty {
      let count = chunk.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count == chunk.count else { throw .failed("no space for a temporary copy of the journal") }
      chunk = try source.chunk()
    }
    try JournalFiles.read(
      [String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)], into: feeder)
  }

  fileprivate static func message(_ archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "is damaged"
  }
}

/// Where an archive takes its bytes from: a descriptor, or an entry of another archive.
final class ReadState {
  private let descriptor: Int32
  private let archive: OpaquePointer?
  private let outer: ReadState?
  private var pushed: [UInt8]
  private var buffer: [UInt8] = []
  private let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: LogInputs.blockSize)
  /// Bytes taken in, and given out of the entries.
  private var taken = 0
  private var given = 0

  init(descriptor: Int32, head: [UInt8]) {
    self.descriptor = descriptor
    archive = nil
    outer = nil
    pushed = head
  }

  init(archive: OpaquePointer, outer: ReadState) {
    descriptor = -1
    self.archive = archive
    self.outer = outer
    pushed = []
  }

  deinit { storage.deallocate() }

  func pushBack(_ bytes: [UInt8]) { pushed = bytes }

  /// The next bytes for libarchive; 0 at the end.
  func next(_ out: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    var count = 0
    if !pushed.isEmpty {
      count = min(pushed.count, LogInputs.blockSize)
      for index in 0..<count { storage[index] = pushed[index] }
      pushed.removeFirst(count)
    } else if let archive {
      count = archive_read_data(archive, storage, LogInputs.blockSize)
    } else {
      count = read(descriptor, storage, LogInputs.blockSize)
    }
    taken += max(0, count)
    out.pointee = UnsafeRawPointer(storage)
    return count
  }

  /// The next bytes of the current entry; empty at its end.
  func chunk() throws(ReadError) -> [UInt8] {
    if !pushed.isEmpty {
      defer { pushed = [] }
      return pushed
    }
    guard let archive else { return [] }
    let count = archive_read_data(archive, storage, LogInputs.blockSize)
    guard count >= 0 else { throw .malformed(Archive.message(archive)) }
    if let outer {
      outer.given += count
      let root = outer.outer ?? outer
      if outer.given > LogInputs.bombSize, outer.given / max(1, root.taken) > LogInputs.bombRatio {
        throw .malformed("unpacks to more than \(LogInputs.bombRatio) times its size: not read further")
      }
    }
    return Array(UnsafeBufferPointer(start: storage, count: count))
  }
}
