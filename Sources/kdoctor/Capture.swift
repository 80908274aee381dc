import Bundles
import Glibc
import Model
import NodeAccess

/// A node that somebody captured: a bundle, or the root folder of a node.
struct Capture {
  let kind: SourceSummary.Kind
  private let source: any Source
  private let read: (any LogSink) -> LogReading

  /// Nil for anything else.
  init?(_ path: String) {
    if let bundle = BundleFolder(path).bundle {
      kind = .bundle
      source = RecordedSource(bundle.recording, name: path)
      read = bundle.read
      return
    }
    let root = DirectorySource(root: path)
    let names = Set((try? root.entries(of: "/")) ?? [])
    guard !root.isLive, !names.isDisjoint(with: ["etc", "proc"]) else { return nil }
    kind = .root
    source = root
    read = { NodeLogs.read(root, now: nil, into: $0) }
  }

  /// What the rules say of it.
  func examination(with knowledge: LoadedKnowledge) throws -> Examination {
    try Examination(of: source, kind: kind, with: knowledge, limit: 600, readLogs: read)
  }
}
