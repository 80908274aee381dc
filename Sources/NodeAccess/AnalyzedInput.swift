import Glibc
import Model

/// What was given to be analysed, by its content.
public enum AnalyzedInput: Sendable {
  /// Nodes that somebody captured: they have facts and logs.
  case nodes(CapturedNodes)
  /// A bundle of kdoctor's own.
  case bundle(BundleTree)
  /// An archive of logs.
  case archive(CapturedTree)
  /// A log, packed or not, of which the beginning was read already.
  case stream(OpenedStream)
  /// A folder of logs, or a path that cannot be read.
  case path(String)

  /// Opens the file or folder at `path`; `-` is standard input.
  public init(path: String) throws(ReadError) {
    var status = stat()
    if path == "-" {
      // What comes through a pipe was written just now: this is the year of lines that name none.
      let now = LogTime(seconds: Double(time(nil)), hasZone: true)
      self = try Self.open(OpenFile(0), name: path, modified: now, isPipe: true)
    } else if stat(path, &status) != 0 {
      self = .path(path)
    } else if status.st_mode & S_IFMT == S_IFDIR {
      var folder = path
      while folder.hasSuffix("/") { folder.removeLast() }
      let tree = CapturedTree(folder: folder, name: path)
      self = BundleTree(tree).map { .bundle($0) } ?? CapturedNodes(tree).map { .nodes($0) } ?? .path(path)
    } else if [S_IFREG, S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) {
      let file = OpenFile(Glibc.open(path, O_RDONLY | O_CLOEXEC))
      guard file.descriptor >= 0 else { throw LogInputs.error(errno) }
      let modified = LogTime(seconds: Double(status.st_mtim.tv_sec), hasZone: true)
      self = try Self.open(file, name: path, modified: modified, isPipe: status.st_mode & S_IFMT != S_IFREG)
    } else {
      self = .path(path)
    }
  }

  private static func open(
    _ file: OpenFile, name: String, modified: LogTime, isPipe: Bool
  ) throws(ReadError) -> AnalyzedInput {
    let head = try LogInputs.head(of: file.descriptor)
    let stream = OpenedStream(file: file, head: head, name: name, modified: modified)
    guard Archive.isPacked(head) else { return CapturedNodes(stream).map { .nodes($0) } ?? .stream(stream) }
    if CapturedTree.isOneFile(head) { return .stream(stream) }
    let whole = isPipe ? try CapturedTree.spooled(file.descriptor, head: head) : file
    if let tree = CapturedTree(archive: whole, name: name) {
      if tree.paths.isEmpty, let failure = tree.failure { throw failure }
      return BundleTree(tree).map { .bundle($0) } ?? CapturedNodes(tree).map { .nodes($0) } ?? .archive(tree)
    }
    lseek(whole.descriptor, 0, SEEK_SET)
    return .stream(
      OpenedStream(file: whole, head: try LogInputs.head(of: whole.descriptor), name: name, modified: modified))
  }

  /// What is odd about the input without keeping it from being read.
  public var warnings: [String] {
    switch self {
    case .nodes(let nodes): nodes.warnings
    case .bundle(let bundle): bundle.warnings
    case .archive(let tree): tree.warnings
    case .stream, .path: []
    }
  }
}

/// An open log and its first block.
public struct OpenedStream: Sendable {
  let file: OpenFile
  let head: [UInt8]
  let name: String
  let modified: LogTime
}

extension LogInputs {
  /// Reads `input` as logs.
  public mutating func read(_ input: AnalyzedInput) {
    switch input {
    case .nodes(let nodes): for node in nodes.nodes { read(node, of: nodes) }
    // Its manifest tells which of its entries are logs.
    case .bundle: break
    case .archive(let tree): read(tree.paths.filter { tree.entry($0)?.status.kind == .file }, of: tree)
    case .stream(let stream): read(stream)
    case .path(let path): self.read(path)
    }
  }

  /// Reads the logs of one of `nodes`.
  public mutating func read(_ node: CapturedNode, of nodes: CapturedNodes) {
    for text in node.events where !sink.isCancelled {
      read(contents: text.lines, name: text.name, modified: text.modified)
    }
    switch nodes.content {
    case .tree(let tree): read(node.logs, of: tree)
    case .stream(let stream): read(stream)
    }
  }

  private mutating func read(_ stream: OpenedStream) {
    read(stream.file.descriptor, head: stream.head, path: stream.name, name: stream.name, modified: stream.modified)
  }
}
