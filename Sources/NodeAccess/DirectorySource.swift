import Glibc
import Model

/// The node below a root folder: `/` is the live node, any other folder a mounted disk or a captured tree.
///
/// Symbolic links are resolved inside the root, as the node itself would resolve them. In a captured tree, a missing
/// or empty top-level folder (one level lower for `/var` and `/usr`) was not captured; elsewhere, missing is absent.
///
/// - SeeAlso: path_resolution(7)
public struct DirectorySource: Source {
  /// The root folder, without a slash at its end; empty for the live node.
  private let root: String
  /// Whether questions may leave the machine.
  let mayUseNetwork: Bool

  /// - Parameter mayUseNetwork: whether the live node may be asked what leaves the machine.
  public init(root: String, mayUseNetwork: Bool = false) {
    self.mayUseNetwork = mayUseNetwork
    var path = root
    while path.hasSuffix("/") { path.removeLast() }
    self.root = path
  }

  /// Whether this is the running machine.
  public var isLive: Bool { root.isEmpty }

  /// Where other file systems are mounted on the node, without those that the kernel makes up; longest first.
  ///
  /// - SeeAlso: proc_pid_mountinfo(5)
  var mountPoints: [String] {
    guard let bytes = try? DirectorySource(root: "/").contents(of: "/proc/self/mountinfo", limit: 1 << 22) else {
      return []
    }
    let paths = bytes.split(separator: 0x0a).compactMap { line -> String? in
      let fields = line.split(separator: 0x20, maxSplits: 5)
      guard fields.count > 4 else { return nil }
      let path = String(decoding: fields[4], as: UTF8.self)
      guard path.hasPrefix(root + "/") else { return nil }
      return String(path.dropFirst(root.count))
    }
    let kernel = ["/proc", "/sys", "/dev"]
    return paths.filter { path in path != "/" && !kernel.contains { path == $0 || path.hasPrefix($0 + "/") } }
      .sorted { $0.utf8.count > $1.utf8.count }
  }

  public var name: String { isLive ? "this node" : root }

  /// The path on this machine of a path of the node, links resolved; for readers of log files.
  public func localPath(of path: String) throws(ReadError) -> String { root + (try resolve(path, lastLink: true)) }

  public func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    let real = try resolve(path, lastLink: true)
    let file = try opened(real)
    defer { close(file.descriptor) }
    return try read(file.descriptor, limit: limit, size: file.size, real)
  }

  /// Opens a regular file, links resolved; the caller closes it.
  private func opened(_ real: String) throws(ReadError) -> (descriptor: Int32, size: Int) {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    let descriptor = open(root + real, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw error(errno, real) }
    var status = stat()
    let failure: ReadError? =
      if fstat(descriptor, &status) != 0 {
        error(errno, real)
      } else if status.st_mode & S_IFMT == S_IFDIR {
        .failed("is a folder, not a file")
      } else if status.st_mode & S_IFMT != S_IFREG {
        .failed("is no regular file")
      } else {
        nil
      }
    guard let failure else { return (descriptor, Int(status.st_size)) }
    close(descriptor)
    throw failure
  }

  /// At most `length` bytes, but not more than 1 MiB, of the file at `path`.
  func part(of path: String, _ offset: Int, _ length: Int) throws(ReadError) -> [UInt8] {
    let real = try resolve(path, lastLink: true)
    let file = try opened(real)
    defer { close(file.descriptor) }
    let start = offset < 0 ? max(0, file.size + max(offset, -(1 << 20))) : offset
    var bytes = [UInt8](repeating: 0, count: min(max(length, 0), 1 << 20))
    let count = bytes.withUnsafeMutableBytes { pread(file.descriptor, $0.baseAddress, $0.count, off_t(start)) }
    guard count >= 0 else { throw error(errno, real) }
    return Array(bytes.prefix(count))
  }

  private func read(_ descriptor: Int32, limit: Int, size: Int, _ path: String) throws(ReadError) -> [UInt8] {
    if size > limit { throw .malformed("is larger than \(limit) bytes") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    var chunk = [UInt8](repeating: 0, count: min(limit + 1, 1 << 16))
    // Files of /proc say that their size is 0: only reading shows how long they are.
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw error(errno, path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
      if bytes.count > limit { throw .malformed("is larger than \(limit) bytes") }
    }
  }

  public func entries(of path: String) throws(ReadError) -> [String] {
    let real = try resolve(path, lastLink: true)
    guard let names = Self.names(root + (real.isEmpty ? "/" : real)) else { throw error(errno, real) }
    if names.isEmpty, isCapturePoint(real) { throw .notCaptured }
    return names.sorted()
  }

  public func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus {
    let real = try resolve(path, lastLink: followingLinks)
    var status = stat()
    // On the live node the kernel follows the links; below a root, none is left in the path.
    let follows = isLive && followingLinks
    let path = root + (real.isEmpty ? "/" : real)
    guard (follows ? stat(path, &status) : lstat(path, &status)) == 0 else { throw error(errno, real) }
    let kind: PathStatus.Kind
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    case S_IFSOCK: kind = .socket
    case S_IFCHR, S_IFBLK: kind = .device
    default: kind = .other
    }
    if kind == .folder, isCapturePoint(real), !isCaptured(real) { throw .notCaptured }
    let modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    return PathStatus(
      kind: kind, mode: UInt32(status.st_mode & 0o7777), size: Int(status.st_size), modified: modified,
      target: kind == .link ? Self.target(root + real) : nil)
  }

  private func resolve(_ path: String, lastLink: Bool) throws(ReadError) -> String {
    if isLive { return path }
    return try LinkPath.resolved(path, lastLink: lastLink) { (here) throws(ReadError) in
      var status = stat()
      guard lstat(root + here, &status) == 0 else { throw error(errno, here) }
      guard status.st_mode & S_IFMT == S_IFLNK else { return nil }
      guard let target = Self.target(root + here) else { throw .malformed("is a loop of symbolic links") }
      return target
    }
  }

  private func error(_ code: Int32, _ path: String) -> ReadError {
    switch code {
    case ENOENT, ENOTDIR: isCaptured(path) ? .absent : .notCaptured
    case EACCES, EPERM: .denied
    case ELOOP: .malformed("is a loop of symbolic links")
    // A socket cannot be opened as a file.
    case ENXIO: .failed("is no regular file")
    default: .failed(String(cString: strerror(code)))
    }
  }

  /// The folder whose presence decides whether `path` was captured.
  private func capturePoint(of path: String) -> String {
    let parts = path.split(separator: "/").prefix(2)
    guard let first = parts.first else { return "/" }
    return first == "var" || first == "usr" ? "/" + parts.joined(separator: "/") : "/" + first
  }

  private func isCapturePoint(_ path: String) -> Bool { !isLive && !path.isEmpty && capturePoint(of: path) == path }

  private func isCaptured(_ path: String) -> Bool {
    if isLive { return true }
    let point = capturePoint(of: path)
    // A folder that may not be listed is there all the same.
    guard let names = Self.names(root + point) else { return errno == EACCES }
    return !names.isEmpty
  }

  static func target(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { raw in
      raw.withMemoryRebound(to: CChar.self) { chars in
        chars.baseAddress.map { readlink(path, $0, chars.count) } ?? -1
      }
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  /// The names in a folder, or nil with `errno`.
  private static func names(_ path: String) -> [String]? {
    guard let handle = opendir(path) else { return nil }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      if names.count > 100_000 { break }
    }
    return names
  }
}
