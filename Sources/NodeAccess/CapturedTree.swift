import Glibc
import Model

/// A file descriptor that is closed with its last user.
final class OpenFile: Sendable {
  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { if descriptor > 0 { close(descriptor) } }
}

/// The files of one input, a folder or an archive: their names, what they are, and the content of the small ones.
///
/// Names are relative to the input, without `.` and `..`, and nothing is ever written under them.
public struct CapturedTree: Sendable {
  struct Entry: Sendable {
    var status: PathStatus
    /// The place in the archive.
    var ordinal = 0
    /// The entry that holds the content; nil for the entry itself.
    var hardLink: String?
    /// The content, where it is kept in memory.
    var contents: [UInt8]?
  }

  enum Place: Sendable {
    case folder(String)
    case archive(OpenFile)
  }

  /// What reports call the input.
  public let name: String
  let place: Place
  let entries: [String: Entry]
  /// The names of all entries, sorted.
  let paths: [String]
  /// What is wrong with the input, in a user's words.
  let warnings: [String]
  /// Where reading ended too early, and why.
  let failure: ReadError?

  /// Contents up to this size are kept.
  static let smallSize = 1 << 20
  /// Files that tell facts although they are larger.
  private static let largeFiles = [
    "var/lib/dpkg/status", "proc/net/unix", "proc/cpuinfo", "/modules.dep", "/modules.builtin", "/modules.alias",
    BundleTree.manifestName,
  ]
  private static let largeSize = 8 << 20

  /// Up to which size the content of the file at `path` is kept.
  static func keptSize(of path: String) -> Int {
    largeFiles.contains { path.hasSuffix($0) } ? largeSize : smallSize
  }
  /// All contents that are kept of one archive; in between it may be twice as much.
  static let memoryLimit = 24 << 20
  static let nameLimit = 4096
  static let namesLimit = 16 << 20
  static let depthLimit = 64

  init(name: String, place: Place, entries: [String: Entry], warnings: [String] = [], failure: ReadError? = nil) {
    self.name = name
    self.place = place
    self.entries = entries
    self.warnings = warnings
    self.failure = failure
    paths = entries.keys.sorted()
  }

  /// The files below `folder`.
  init(folder: String, name: String) {
    var entries: [String: Entry] = [:]
    let isWhole = Self.list(folder, "", into: &entries, depth: 0)
    self.init(
      name: name, place: .folder(folder), entries: entries,
      failure: isWhole ? nil : .malformed("holds more than \(ArchiveWalk.entryLimit) files"))
  }

  /// Whether everything was listed.
  private static func list(_ root: String, _ prefix: String, into entries: inout [String: Entry], depth: Int) -> Bool {
    guard depth < depthLimit, let handle = opendir(root + "/" + prefix) else { return true }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      if names.count > ArchiveWalk.entryLimit { break }
    }
    closedir(handle)
    for name in names.sorted() {
      guard entries.count < ArchiveWalk.entryLimit else { return false }
      let path = prefix.isEmpty ? name : prefix + "/" + name
      guard let status = PathStatus(localPath: root + "/" + path) else { continue }
      entries[path] = Entry(status: status)
      if status.kind == .folder, !list(root, path, into: &entries, depth: depth + 1) { return false }
    }
    return true
  }

  /// `name` without what does not change its meaning; nil where it leads out of the input or is too long.
  static func normalized(_ name: String) -> String? {
    guard name.utf8.count <= nameLimit else { return nil }
    let parts = name.split(separator: "/").filter { $0 != "." }
    guard !parts.isEmpty, parts.count <= depthLimit, !parts.contains("..") else { return nil }
    return parts.joined(separator: "/")
  }

  /// The entry at `path`, through hard links.
  func entry(_ path: String) -> Entry? {
    guard let entry = entries[path] else { return nil }
    return entry.hardLink.flatMap { entries[$0] } ?? entry
  }

  /// The content of the file at `path`, of at most `limit` bytes.
  func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    guard let entry = entry(path) else { throw .notCaptured }
    guard entry.status.kind == .file else { throw .failed("is no regular file") }
    switch place {
    case .folder(let root): return try Self.contents(ofLocal: root + "/" + path, limit: limit)
    case .archive:
      guard let contents = entry.contents else {
        let size = Self.keptSize(of: path)
        throw entry.status.size > size ? .malformed("is larger than \(size) bytes") : .notCaptured
      }
      if contents.count > limit { throw .malformed("is larger than \(limit) bytes") }
      return contents
    }
  }

  private static func contents(ofLocal path: String, limit: Int) throws(ReadError) -> [UInt8] {
    let file = OpenFile(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW))
    guard file.descriptor >= 0 else { throw LogInputs.error(errno) }
    var status = stat()
    guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .failed("is no regular file")
    }
    var bytes = [UInt8](repeating: 0, count: max(0, min(limit, Int(status.st_size))) + 1)
    let count = LogInputs.fill(file.descriptor, &bytes)
    guard count >= 0 else { throw LogInputs.error(errno) }
    if count > limit { throw .malformed("is larger than \(limit) bytes") }
    return Array(bytes[..<min(count, bytes.count)])
  }
}

extension PathStatus {
  /// What stands at a path of this machine, links not followed; nil where nothing does.
  init?(localPath path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    let kind: Kind
    var target: String?
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK:
      kind = .link
      target = DirectorySource.target(path)
    case S_IFSOCK: kind = .socket
    case S_IFCHR, S_IFBLK: kind = .device
    default: kind = .other
    }
    self.init(
      kind: kind, mode: UInt32(status.st_mode & 0o7777), size: Int(status.st_size),
      modified: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9, target: target)
  }
}
