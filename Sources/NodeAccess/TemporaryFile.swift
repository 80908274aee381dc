import Glibc
import Model

/// A file for what has to be read more than once, or by a library that takes names only.
struct TemporaryFile {
  let file: OpenFile
  let path: String

  /// Makes an empty file whose name ends in `suffix`, in `TMPDIR` or `/tmp`, that only this user may read.
  init(suffix: String = "") throws(ReadError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    // mkstemps(3) puts random letters in the place of the six X.
    var name = Array("\(folder)/kdoctor-XXXXXX\(suffix)".utf8CString)
    file = OpenFile(mkstemps(&name, Int32(suffix.utf8.count)))
    guard file.descriptor >= 0 else { throw .failed("no temporary file: " + String(cString: strerror(errno))) }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8]) throws(ReadError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(file.descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      guard count > 0 else { throw .failed("no space for a temporary copy: " + String(cString: strerror(errno))) }
      written += count
    }
  }
}
