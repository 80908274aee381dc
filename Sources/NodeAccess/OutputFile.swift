import CSupport
import Glibc
import Model

/// A file that appears under its name when it is whole, and not before.
public struct OutputFile: ~Copyable {
  public let descriptor: Int32
  private let path: String
  private let partial: String

  /// Opens a file beside `path` that only its owner may read.
  public init(_ path: String) throws(ReadError) {
    self.path = path
    partial = path + ".partial"
    // What an interrupted run left may go; a link in its place is not followed.
    unlink(partial)
    descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .failed(String(cString: strerror(errno)).lowercased()) }
    kdoctor_remove_if_ended(partial)
  }

  /// Writes all of `bytes`.
  public func write(_ bytes: [UInt8]) throws(ReadError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        Glibc.write(descriptor, raw.baseAddress.map { $0 + written }, raw.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .failed(String(cString: strerror(errno)).lowercased()) }
      written += count
    }
  }

  /// Gives the file its name.
  public consuming func commit() throws(ReadError) {
    guard fsync(descriptor) == 0 || errno == EINVAL, rename(partial, path) == 0 else {
      throw .failed(String(cString: strerror(errno)).lowercased())
    }
  }

  /// The file's size so far, in bytes.
  public var size: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  deinit {
    close(descriptor)
    // After `commit` there is none.
    unlink(partial)
    kdoctor_keep_if_ended(partial)
  }
}
