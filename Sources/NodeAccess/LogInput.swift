import Glibc
import Model

/// Takes the log lines of inputs, in the order in which they are read.
public protocol LogSink: AnyObject {
  /// Whether reading should stop at the next block.
  var isCancelled: Bool { get }
  /// Starts an input; `modified` is when it was last written.
  func begin(_ name: String, modified: LogTime?)
  /// Starts an input whose lines are journal entries that were already chosen by their time.
  func beginJournal(_ name: String)
  /// Takes a block of whole lines.
  func block(_ bytes: UnsafeRawBufferPointer)
  /// Ends the input.
  func end()
  /// Whether `clean` and `entry` are wanted: for a sink that keeps journals as they are.
  var keepsEntries: Bool { get }
  /// Gives a text of a journal entry as the entry and its line are to show it.
  ///
  /// - Parameter writer: whose message it is; nil for other fields.
  func clean(_ text: [UInt8], of writer: [UInt8]?) -> [UInt8]
  /// Takes a journal entry with clean texts, as `journalctl -o export` prints it, an empty line at its end. Its line
  /// follows in a block.
  func entry(_ export: [UInt8])
}

extension LogSink {
  public func beginJournal(_ name: String) { begin(name, modified: nil) }
  public var keepsEntries: Bool { false }
  public func clean(_ text: [UInt8], of writer: [UInt8]?) -> [UInt8] { text }
  public func entry(_ export: [UInt8]) {}
}

/// Reads captured logs, packed or not, from paths and standard input.
///
/// Nothing is unpacked to disk, and never is more than a few blocks of any input in memory.
public struct LogInputs {
  /// The bytes of one block.
  static let blockSize = 1 << 20
  /// Packed input stops to be believed at this size and ratio.
  static let bombSize = 1 << 30
  static let bombRatio = 200

  let sink: any LogSink
  /// The path of the input on this machine, and what reports call it.
  var prefix: (path: String, name: String)?
  /// What could not be read, and why, in order.
  public private(set) var failures: [(name: String, error: ReadError)] = []
  /// How many inputs gave at least one byte.
  public internal(set) var readCount = 0
  /// What was left out on purpose, in order.
  public private(set) var notes: [String] = []
  private let request: JournalRequest
  /// Whether the files of a folder are read: what is no log among them is passed over.
  private var isInFolder = false

  /// - Parameter window: which entries of journals are read.
  public init(into sink: any LogSink, window: LogWindow = .all) {
    self.init(into: sink, request: JournalRequest(window: window))
  }

  init(into sink: any LogSink, request: JournalRequest) {
    self.sink = sink
    self.request = request
  }

  /// Reads the file or folder at `path`; `-` is standard input.
  ///
  /// - Parameter name: what reports call it, where that is not its path.
  public mutating func read(_ path: String, named name: String? = nil) {
    self.prefix = name.map { (path, $0) }
    if sink.isCancelled { return }
    // What comes through a pipe was written just now: this is the year of lines that name none.
    if path == "-" {
      return read(descriptor: 0, path: "-", name: "-", modified: LogTime(seconds: Double(time(nil)), hasZone: true))
    }
    var status = stat()
    guard stat(path, &status) == 0 else { return fail(shown(path), Self.error(errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: readFolder(path)
    case S_IFREG: readFile(path, status)
    case S_IFIFO, S_IFSOCK: readFile(path, status)
    default: fail(shown(path), .malformed("is a device, not a log"))
    }
  }

  /// What reports call the file at `path`.
  private func shown(_ path: String) -> String {
    guard let prefix, path.hasPrefix(prefix.path) else { return path }
    return prefix.name + path.dropFirst(prefix.path.count)
  }

  mutating func fail(_ name: String, _ error: ReadError) { failures.append((name, error)) }

  static func error(_ code: Int32) -> ReadError {
    switch code {
    case ENOENT, ENOTDIR: .absent
    case EACCES, EPERM: .denied
    case EINTR: .interrupted
    default: .failed(String(cString: strerror(code)))
    }
  }

  mutating func readFile(_ path: String, _ status: stat) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return fail(shown(path), Self.error(errno)) }
    defer { close(descriptor) }
    let modified = LogTime(seconds: Double(status.st_mtim.tv_sec), hasZone: true)
    read(descriptor: descriptor, path: path, name: shown(path), modified: modified)
  }

  /// Reads a log of a node, of which nothing but a regular file is believed; of a larger one than `limit` bytes only
  /// the newest are read.
  ///
  /// - Parameter path: on this machine, with no link left in it.
  mutating func readLog(_ path: String, name: String, limit: Int) {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      return fail(name, errno == ENXIO ? .failed("is no regular file") : Self.error(errno))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return fail(name, Self.error(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { return fail(name, .failed("is no regular file")) }
    let modified = LogTime(seconds: Double(status.st_mtim.tv_sec), hasZone: true)
    let skipped = Int(status.st_size) - limit
    if skipped > 0, !name.hasSuffix(".gz") {
      lseek(descriptor, off_t(skipped), SEEK_SET)
      Self.skipLine(descriptor)
      notes.append("\(name): only the newest \(limit >> 20) MiB were read")
    }
    read(descriptor: descriptor, path: path, name: name, modified: modified)
  }

  /// Moves to the beginning of the next line, if it is near.
  private static func skipLine(_ descriptor: Int32) {
    let start = lseek(descriptor, 0, SEEK_CUR)
    var head = [UInt8](repeating: 0, count: 1 << 16)
    let count = fill(descriptor, &head)
    let newline = head[..<max(0, count)].firstIndex(of: 0x0a)
    lseek(descriptor, start + off_t(newline.map { $0 + 1 } ?? 0), SEEK_SET)
  }

  /// Reads the files below a folder, in the order of their names; journal files go through the journal reader.
  private mutating func readFolder(_ path: String) {
    var files: [String] = []
    Self.list(path, into: &files, depth: 0)
    guard !files.isEmpty else { return fail(shown(path), .empty) }
    let journals = files.filter { $0.hasSuffix(".journal") || $0.hasSuffix(".journal~") }
    if !journals.isEmpty { readJournals(journals, name: shown(path)) }
    isInFolder = true
    defer { isInFolder = false }
    for file in files where !journals.contains(file) && !sink.isCancelled {
      var status = stat()
      guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { continue }
      readFile(file, status)
    }
  }

  private static func list(_ folder: String, into files: inout [String], depth: Int) {
    guard depth < 16, files.count < 20_000, let handle = opendir(folder) else { return }
    defer { closedir(handle) }
    var names: [(String, Bool)] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      var status = stat()
      guard lstat(folder + "/" + name, &status) == 0 else { continue }
      let kind = status.st_mode & S_IFMT
      if kind == S_IFDIR || kind == S_IFREG { names.append((name, kind == S_IFDIR)) }
    }
    for (name, isFolder) in names.sorted(by: { $0.0 < $1.0 }) {
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      if isFolder { list(path, into: &files, depth: depth + 1) } else { files.append(path) }
    }
  }

  /// Reads journal files as one.
  mutating func readJournals(_ paths: [String], name: String) {
    let feeder = BlockFeeder(sink, name: name, modified: nil, isJournal: true)
    do throws(ReadError) {
      failures += try JournalFiles.read(paths, request, into: feeder)
      if feeder.finish() { readCount += 1 }
    } catch {
      if feeder.finish() { readCount += 1 }
      fail(name, error)
    }
  }

  private mutating func read(descriptor: Int32, path: String, name: String, modified: LogTime?) {
    do throws(ReadError) {
      read(descriptor, head: try Self.head(of: descriptor), path: path, name: name, modified: modified)
    } catch {
      fail(name, error)
    }
  }

  /// The first block of an input.
  static func head(of descriptor: Int32) throws(ReadError) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: blockSize)
    let count = fill(descriptor, &head)
    guard count >= 0 else { throw error(errno) }
    guard count > 0 else { throw .empty }
    head.removeLast(head.count - count)
    return head
  }

  /// Reads what follows `head` in the input at `path`.
  mutating func read(_ descriptor: Int32, head: [UInt8], path: String, name: String, modified: LogTime?) {
    if head.starts(with: Array("LPKSHHRH".utf8)), descriptor != 0 { return readJournals([path], name: name) }
    if PlainText.isBinary(head), !Archive.isPacked(head) {
      if !isInFolder { fail(name, .malformed("is no text")) }
      return
    }
    let feeder = BlockFeeder(sink, name: name, modified: modified)
    do throws(ReadError) {
      if Archive.isPacked(head) {
        // What comes through a pipe cannot be read again.
        let rest = descriptor != 0 && lseek(descriptor, 0, SEEK_SET) == 0 ? [] : head
        var reader = Archive(descriptor: descriptor, head: rest)
        // What was read before an archive turned out to be damaged counts.
        defer {
          readCount += reader.readCount
          failures += reader.failures
        }
        try reader.read(name: name, modified: modified, depth: 0) { [sink] in
          BlockFeeder(sink, name: $0, modified: $1)
        }
      } else {
        feeder.add(head)
        var chunk = [UInt8](repeating: 0, count: Self.blockSize)
        while !sink.isCancelled {
          let count = Self.fill(descriptor, &chunk)
          if count <= 0 { break }
          chunk.withUnsafeBytes { feeder.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        if feeder.finish() {
          readCount += 1
        } else if !isInFolder {
          fail(name, .malformed("holds nothing but zero bytes"))
        }
      }
    } catch {
      if feeder.finish() { readCount += 1 }
      fail(name, error)
    }
  }

  /// Reads until `buffer` is full or the input ends; -1 with `errno` on failure. The only signal that interrupts a read
  /// is that of the user who wants no more: then the input ends there.
  static func fill(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
    buffer.withUnsafeMutableBytes { buffer in
      var count = 0
      while count < buffer.count {
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let part = Glibc.read(descriptor, free.baseAddress, free.count)
        if part < 0 { return count > 0 ? count : -1 }
        if part == 0 { break }
        count += part
      }
      return count
    }
  }
}
