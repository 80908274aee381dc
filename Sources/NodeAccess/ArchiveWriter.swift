import CArchive
import Glibc
import Model

/// Writes a tar archive as a stream: no temporary copy, and no more than one entry in memory.
///
/// - SeeAlso: libarchive(3), archive_write_open_fd(3)
public final class ArchiveWriter {
  public enum Packing: Sendable { case gzip, zstd, none }

  private let archive: OpaquePointer
  private let entry: OpaquePointer
  private let modified: Int

  /// - Parameters:
  ///   - descriptor: where the archive goes; the caller closes it.
  ///   - modified: the time of all entries, in seconds since 1970-01-01 UTC.
  public init(descriptor: Int32, packing: Packing, modified: Double) throws(ReadError) {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else { throw .failed("out of memory") }
    self.archive = archive
    self.entry = entry
    self.modified = Int(modified)
    switch packing {
    case .gzip:
      archive_write_add_filter_gzip(archive)
      // Logs shrink to a tenth at any level; the higher ones only take longer.
      archive_write_set_filter_option(archive, "gzip", "compression-level", "3")
    case .zstd: archive_write_add_filter_zstd(archive)
    case .none: archive_write_add_filter_none(archive)
    }
    archive_write_set_format_pax_restricted(archive)
    try check(archive_write_open_fd(archive, descriptor))
  }

  deinit {
    archive_entry_free(entry)
    // Without `finish`, what was written stays cut off: freeing would pretend that the archive is whole.
    archive_write_fail(archive)
    archive_write_free(archive)
  }

  /// Adds a regular file that its owner alone may read.
  public func add(_ name: String, _ bytes: [UInt8]) throws(ReadError) {
    archive_entry_clear(entry)
    archive_entry_set_pathname(entry, name)
    archive_entry_set_size(entry, Int64(bytes.count))
    archive_entry_set_filetype(entry, 0o100000)
    archive_entry_set_perm(entry, 0o600)
    archive_entry_set_mtime(entry, modified, 0)
    try check(archive_write_header(archive, entry))
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        archive_write_data(archive, raw.baseAddress.map { $0 + written }, raw.count - written)
      }
      guard count > 0 else { throw failure }
      written += count
    }
  }

  /// Writes the end of the archive.
  public func finish() throws(ReadError) { try check(archive_write_close(archive)) }

  private func check(_ code: Int32) throws(ReadError) { if code < ARCHIVE_WARN { throw failure } }

  private var failure: ReadError {
    let code = archive_errno(archive)
    if code == ENOSPC { return .failed("no space left on device") }
    return .failed(archive_error_string(archive).map { String(cString: $0) } ?? "cannot be written")
  }
}
