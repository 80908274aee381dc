import CArchive
import Glibc
import Model

/// What the header of an archive's entry says. Names are only names: nothing is ever written under them.
struct ArchiveEntry {
  /// The place of the entry in its archive, counted from 0.
  let ordinal: Int
  /// The name as it stands in the archive; nil where it has none.
  let name: String?
  /// Whether there is no archive, but only one packed file.
  let isRaw: Bool
  let status: PathStatus
  /// The entry whose content this one shares.
  let hardLink: String?
}

/// Goes through the entries of an archive in the archive's order.
///
/// - SeeAlso: libarchive(3), archive_read_open(3), tar(5)
enum ArchiveWalk {
  /// More entries than this are not looked at.
  static let entryLimit = 100_000
  /// Smaller entries than this may be passed over without a look at what they unpack to.
  private static let skipLimit = 64 << 20

  /// Calls `visit` for each entry with the archive to read it from, until it gives false.
  ///
  /// - Throws: `.malformed` where the archive is damaged or cut, after the entries before that place.
  static func entries(
    of state: ReadState, _ visit: (ArchiveEntry, OpaquePointer) throws(ReadError) -> Bool
  ) throws(ReadError) {
    guard let archive = archive_read_new() else { throw .failed("out of memory") }
    defer { archive_read_free(archive) }
    try open(archive, state)
    var header: OpaquePointer?
    var ordinal = 0
    while true {
      let code = archive_read_next_header(archive, &header)
      if code == ARCHIVE_EOF {
        if ordinal == 0, archive_format(archive) == ARCHIVE_FORMAT_EMPTY { throw .empty }
        if ordinal == 0 { throw .malformed("is an archive without any file") }
        return
      }
      if code < ARCHIVE_WARN { throw .malformed(message(archive)) }
      guard ordinal < entryLimit else { throw .malformed("holds more than \(entryLimit) entries") }
      // What could not be made out is no entry, but it counts, so that the end is reached.
      guard code != ARCHIVE_RETRY, let header else {
        ordinal += 1
        continue
      }
      let isRaw = archive_format(archive) == ARCHIVE_FORMAT_RAW
      // Only inputs that begin like a packed one come here: without a filter, its header is cut.
      if isRaw, archive_filter_count(archive) <= 1 { throw .malformed("is a packed file that is cut or damaged") }
      let entry = entry(header, ordinal, isRaw: isRaw)
      ordinal += 1
      guard try visit(entry, archive) else { return }
      // libarchive passes over the rest of an entry in one go, however much that is: look at what is large.
      let size = archive_entry_size_is_set(header) != 0 ? entry.status.size : Int.max
      if size > skipLimit { try drain(archive, state) } else { try state.count(size) }
    }
  }

  private static func open(_ archive: OpaquePointer, _ state: ReadState) throws(ReadError) {
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_filter_lz4(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_format_zip_streamable(archive)
    archive_read_support_format_zip_seekable(archive)
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    archive_read_set_callback_data(archive, Unmanaged.passUnretained(state).toOpaque())
    archive_read_set_read_callback(archive) { _, context, buffer in
      guard let context, let buffer else { return -1 }
      return Unmanaged<ReadState>.fromOpaque(context).takeUnretainedValue().next(buffer)
    }
    // Only the directory at the end of a zip file tells links from files.
    if state.isSeekable {
      archive_read_set_seek_callback(archive) { _, context, offset, whence in
        guard let context else { return -1 }
        return Unmanaged<ReadState>.fromOpaque(context).takeUnretainedValue().seek(offset, whence)
      }
    }
    guard archive_read_open1(archive) == ARCHIVE_OK else { throw .malformed(message(archive)) }
  }

  private static func entry(_ header: OpaquePointer, _ ordinal: Int, isRaw: Bool) -> ArchiveEntry {
    let kind: PathStatus.Kind
    switch archive_entry_filetype(header) {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    case S_IFSOCK: kind = .socket
    case S_IFCHR, S_IFBLK: kind = .device
    default: kind = .other
    }
    func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
    let hardLink = text(archive_entry_hardlink(header))
    let status = PathStatus(
      kind: hardLink != nil ? .file : kind, mode: UInt32(archive_entry_perm(header)) & 0o7777,
      size: max(0, Int(archive_entry_size(header))), modified: Double(archive_entry_mtime(header)),
      target: kind == .link ? text(archive_entry_symlink(header)) : nil)
    return ArchiveEntry(
      ordinal: ordinal, name: text(archive_entry_pathname(header) ?? archive_entry_pathname_utf8(header)), isRaw: isRaw,
      status: status, hardLink: hardLink)
  }

  /// Reads the current entry to its end without keeping it.
  private static func drain(_ archive: OpaquePointer, _ state: ReadState) throws(ReadError) {
    let reader = ReadState(archive: archive, outer: state)
    while try !reader.chunk().isEmpty {}
  }

  /// The first bytes of the current entry, at most `limit`.
  static func contents(_ archive: OpaquePointer, _ state: ReadState, limit: Int) throws(ReadError) -> [UInt8] {
    var bytes: [UInt8] = []
    let reader = ReadState(archive: archive, outer: state)
    while bytes.count < limit {
      let chunk = try reader.chunk()
      if chunk.isEmpty { break }
      bytes += chunk.prefix(limit - bytes.count)
    }
    return bytes
  }

  static func message(_ archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "is damaged"
  }
}

/// Where an archive takes its bytes from: a descriptor, memory, or an entry of another archive.
final class ReadState {
  private let descriptor: Int32
  private let archive: OpaquePointer?
  private let outer: ReadState?
  private var pushed: [UInt8]
  private let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: LogInputs.blockSize)
  /// Bytes taken in, and given out of the entries.
  private var taken = 0
  private var given = 0

  /// - Parameters:
  ///   - descriptor: -1 where `head` is all that there is.
  ///   - head: bytes that come before what the descriptor gives.
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

  /// Whether libarchive may go to and fro in the input.
  var isSeekable: Bool { descriptor >= 0 && pushed.isEmpty && lseek(descriptor, 0, SEEK_CUR) == 0 }

  /// Goes to another place of the input; the new place, or a negative number.
  func seek(_ offset: Int64, _ whence: Int32) -> Int64 { Int64(lseek(descriptor, off_t(offset), whence)) }

  /// The next bytes for libarchive; 0 at the end.
  func next(_ out: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    var count = 0
    if !pushed.isEmpty {
      count = min(pushed.count, LogInputs.blockSize)
      for index in 0..<count { storage[index] = pushed[index] }
      pushed.removeFirst(count)
    } else if let archive {
      count = archive_read_data(archive, storage, LogInputs.blockSize)
    } else if descriptor >= 0 {
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
    guard count >= 0 else { throw .malformed(ArchiveWalk.message(archive)) }
    try outer?.count(count)
    return Array(UnsafeBufferPointer(start: storage, count: count))
  }

  /// Counts bytes that came out of the entries: what unpacks to far more than it is, is a bomb.
  func count(_ bytes: Int) throws(ReadError) {
    given += bytes
    let root = outer ?? self
    if given > LogInputs.bombSize, given / max(1, root.taken) > LogInputs.bombRatio {
      throw .malformed("unpacks to more than \(LogInputs.bombRatio) times its size: not read further")
    }
  }
}
