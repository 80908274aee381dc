import FoundationEssentials
import Model
import NodeAccess

/// Writes a bundle: what a node said, its logs, and the report that they give.
///
/// The order is that of the work, so that a bundle can be streamed: files, logs, reports, and `manifest.json` last, by
/// whose absence a cut-off bundle is known.
public final class BundleWriter {
  private let archive: ArchiveWriter
  private let cleaner: any Cleaner
  private let folder: String
  /// What the manifest will say.
  public var manifest: Manifest
  /// The node as the bundle has it: its secrets taken out.
  public private(set) var recording = Recording()

  /// - Parameter folder: the top folder of all entries.
  public init(
    to descriptor: Int32, packing: ArchiveWriter.Packing, folder: String, modified: Double, cleaner: any Cleaner,
    manifest: Manifest
  ) throws(ReadError) {
    archive = try ArchiveWriter(descriptor: descriptor, packing: packing, modified: modified)
    self.cleaner = cleaner
    self.folder = folder
    self.manifest = manifest
  }

  /// Adds an entry as it is.
  public func add(_ name: String, _ bytes: [UInt8]) throws(ReadError) { try archive.add(folder + "/" + name, bytes) }

  /// Adds what the node said.
  public func add(_ recording: Recording) throws(ReadError) {
    for (index, question) in recording.questions.enumerated() {
      guard let reply = recording.replies[question] else { continue }
      let clean = self.clean(question)
      var read = Manifest.Read(clean)
      switch reply {
      case .bytes(let bytes):
        let bytes = cleanBytes(bytes, of: read)
        let name = Self.entryName(clean, index)
        try add(name, bytes)
        read.stored = name
        self.recording.add(.bytes(bytes), to: clean)
      case .names(let names):
        read.names = names.map(cleaner.name)
        self.recording.add(.names(read.names ?? []), to: clean)
      case .status(let status):
        let status = PathStatus(
          kind: status.kind, mode: status.mode, size: status.size, modified: status.modified,
          target: status.target.map(cleaner.name))
        read.status = status
        self.recording.add(.status(status), to: clean)
      case .none(let error):
        read.error = Manifest.Failure(error)
        self.recording.add(.none(error), to: clean)
      }
      manifest.reads.append(read)
    }
  }

  /// A sink that adds the logs which it takes, and passes them on to `next`.
  ///
  /// - Parameter excess: how many bytes of each log are left out at its beginning.
  public func logRecorder(to next: any LogSink, excess: [Int]) -> any LogSink {
    LogRecorder(to: next, cleaner: cleaner, excess: excess) { [self] (name, bytes) throws(ReadError) in
      try add(name, bytes)
    }
  }

  /// Notes how the reading of the logs went.
  public func noteLogs(_ recorder: any LogSink, failures: [(name: String, error: ReadError)]) throws(ReadError) {
    manifest.logFailures = failures.map {
      Manifest.LogFailure(name: cleaner.name($0.name), error: Manifest.Failure($0.error))
    }
    guard let recorder = recorder as? LogRecorder else { return }
    if let failure = recorder.failure { throw failure }
    manifest.logs = recorder.logs
  }

  /// Writes the manifest and the end.
  public func finish() throws(ReadError) {
    manifest.removed = cleaner.removed
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(manifest) else { throw .failed("the manifest cannot be encoded") }
    try add(BundleTree.manifestName, Array(data))
    try archive.finish()
  }

  private func cleanBytes(_ bytes: [UInt8], of read: Manifest.Read) -> [UInt8] {
    if read.ask == .file, read.of.hasPrefix("/proc/"), read.of.hasSuffix("/cmdline") {
      return cleaner.file(Self.commandLine(bytes), of: read.of)
    }
    guard read.ask == .probe, read.of.hasPrefix("grpc ") else { return cleaner.file(bytes, of: read.of) }
    // What is no message to us is none to a collector either: a byte that begins none says the same.
    return ProtobufTexts.rewritten(bytes) { cleaner.file($0, of: read.of + ".json") } ?? [0xff]
  }

  /// What people and their programs type is their own affair: only of the node's own programs are the arguments kept.
  private static func commandLine(_ bytes: [UInt8]) -> [UInt8] {
    let program = bytes.prefix { $0 != 0 }
    let name = String(decoding: program, as: UTF8.self).split(separator: "/").last ?? ""
    let own = ["kube", "containerd", "crio", "docker", "cri-dockerd", "etcd", "k3s", "rke2", "k0s", "flanneld"]
    return own.contains(where: name.hasPrefix) || bytes.last != 0 ? bytes : Array(program) + [0]
  }

  private func clean(_ question: Question) -> Question {
    switch question {
    case .contents(let path): .contents(of: cleaner.name(path))
    case .entries(let path): .entries(of: cleaner.name(path))
    case .status(let path, let follows): .status(of: cleaner.name(path), followingLinks: follows)
    case .probe(let name): .probe(cleaner.name(name))
    }
  }

  /// Where the bytes of a reply stand: below `files/` by their path, where that is a plain one.
  private static func entryName(_ question: Question, _ index: Int) -> String {
    guard let path = question.path else { return "probes/\(index)" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let isPlain =
      path.hasPrefix("/") && path.utf8.count < 200 && !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
      && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }
    return isPlain ? "files" + path : "files-by-number/\(index)"
  }
}

extension Manifest.Read {
  init(_ question: Question) {
    switch question {
    case .contents(let path): self.init(ask: .file, of: path)
    case .entries(let path): self.init(ask: .folder, of: path)
    case .status(let path, let follows): self.init(ask: .status, of: path, followsLinks: follows)
    case .probe(let name): self.init(ask: .probe, of: name)
    }
  }

  var question: Question {
    switch ask {
    case .file: .contents(of: of)
    case .folder: .entries(of: of)
    case .status: .status(of: of, followingLinks: followsLinks ?? true)
    case .probe: .probe(of)
    }
  }
}
