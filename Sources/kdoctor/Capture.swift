import Bundles
import Glibc
import LogScan
import Model
import NodeAccess

/// A node that somebody captured whole: a bundle of kdoctor's own, or the root folder of a node.
struct Capture {
  private let kind: SourceSummary.Kind
  private let source: any Source
  private let read: (any LogSink) -> LogReading

  private init(_ kind: SourceSummary.Kind, _ source: any Source, read: @escaping (any LogSink) -> LogReading) {
    self.kind = kind
    self.source = source
    self.read = read
  }

  init(_ bundle: BundleReader, name: String) {
    self.init(.bundle, RecordedSource(bundle.recording, name: name), read: bundle.read)
  }

  /// - Throws: where there is neither at `path`.
  init(path: String) throws(ReadError) {
    if case .bundle(let tree) = try AnalyzedInput(path: path) {
      self.init(try BundleReader(tree), name: path)
      return
    }
    if access(path, F_OK) != 0, errno == ENOENT { throw .absent }
    let root = DirectorySource(root: path)
    let names = Set((try? root.entries(of: "/")) ?? [])
    guard !root.isLive, !names.isDisjoint(with: ["etc", "proc"]) else {
      throw .malformed("is no bundle and no root folder of a node")
    }
    self.init(.root, root) { NodeLogs(root, root, .all, into: $0).read() }
  }

  /// What the rules say of it.
  func examination(
    with knowledge: LoadedKnowledge, zone: TimeZoneRule? = nil, times: TimeWindow? = nil
  ) throws(ReadError) -> Examination {
    do {
      return try Examination(
        of: source, kind: kind, with: knowledge, limit: 600, times: times, zone: zone, readLogs: read)
    } catch {
      throw .failed("\(error)")
    }
  }
}
