import Glibc
import Model

/// The entries of a bundle of kdoctor's own, packed or not, by their names below its top folder.
///
/// What a bundle is stands in its manifest, which the target `Bundles` reads.
public struct BundleTree: Sendable {
  /// What the manifest says of itself.
  public static let kind = "kdoctor-bundle"
  public static let manifestName = "manifest.json"

  private let view: TreeView
  /// An archive is gone through at most this often for entries that stand in another order than they are wanted in.
  private static let passLimit = 64

  /// The bundle at `path`, a folder or an archive; nil for anything else.
  public init?(path: String) {
    guard case .bundle(let bundle)? = try? AnalyzedInput(path: path) else { return nil }
    self = bundle
  }

  /// Nil where `tree` is no bundle, or one that was cut off before its manifest.
  init?(_ tree: CapturedTree) {
    let view = TreeView.candidates(tree, limit: 4).first { view in
      view.has(Self.manifestName) && view.text(Self.manifestName)?.contains("\"\(Self.kind)\"") == true
    }
    guard let view else { return nil }
    self.view = view
  }

  /// What reports call it.
  public var name: String { view.tree.name }

  /// What is odd about it without keeping it from being read.
  var warnings: [String] { view.tree.warnings }

  /// The content of a small entry of at most `limit` bytes.
  public func contents(of name: String, limit: Int) throws(ReadError) -> [UInt8] {
    guard CapturedTree.normalized(name) == name else { throw .notCaptured }
    return try view.tree.contents(of: view.full(name), limit: limit)
  }

  /// Gives the contents of the entries `names` to `body` in this order, whatever their order in the archive; gives nil
  /// for one that is not there or larger than `limit`.
  public func forEach(
    _ names: [String], limit: Int, until isCancelled: @autoclosure () -> Bool, _ body: (String, [UInt8]?) -> Void
  ) {
    var rest = names[...]
    var passes = 0
    while let next = rest.first, !isCancelled() {
      if let contents = try? contents(of: next, limit: limit) {
        body(next, contents)
        rest.removeFirst()
        continue
      }
      let before = rest.count
      if case .archive(let file) = view.tree.place, passes < Self.passLimit {
        passes += 1
        pass(over: file, &rest, limit, isCancelled, body)
      }
      if rest.count == before {
        body(next, nil)
        rest.removeFirst()
      }
    }
  }

  /// Gives those of the first entries of `rest` that stand in the archive in this order.
  private func pass(
    over file: OpenFile, _ rest: inout ArraySlice<String>, _ limit: Int, _ isCancelled: () -> Bool,
    _ body: (String, [UInt8]?) -> Void
  ) {
    lseek(file.descriptor, 0, SEEK_SET)
    let state = ReadState(descriptor: file.descriptor, head: [])
    try? ArchiveWalk.entries(of: state) { (entry, archive) throws(ReadError) -> Bool in
      guard let next = rest.first, !isCancelled(), let wanted = view.tree.entry(view.full(next)),
        wanted.contents == nil, wanted.ordinal >= entry.ordinal
      else { return false }
      guard entry.ordinal == wanted.ordinal else { return true }
      rest.removeFirst()
      let contents = try ArchiveWalk.contents(archive, state, limit: limit + 1)
      body(next, contents.count <= limit ? contents : nil)
      return true
    }
  }
}

extension LogInputs {
  /// Reads logs of a bundle, each of which comes in parts of whole lines or of whole entries of a journal export.
  ///
  /// A part that is not there is a failure, and the rest is read.
  public mutating func read(
    _ logs: [(name: String, isJournal: Bool, modified: LogTime?, parts: [String])], of bundle: BundleTree,
    partLimit: Int
  ) {
    let order = logs.enumerated().flatMap { index, log in log.parts.map { (log: index, part: $0) } }
    var position = 0
    var current: (log: Int, feeder: BlockFeeder)?
    let sink = sink
    bundle.forEach(order.map(\.part), limit: partLimit, until: sink.isCancelled) { part, contents in
      let log = order[position].log
      position += 1
      if current?.log != log {
        if current?.feeder.finish() == true { readCount += 1 }
        let (name, isJournal, modified, _) = logs[log]
        current = (log, BlockFeeder(sink, name: name, modified: modified, isJournal: isJournal))
      }
      if let contents {
        current?.feeder.add(contents)
      } else {
        fail(logs[log].name, .malformed("\(part) is missing from the bundle"))
      }
    }
    if current?.feeder.finish() == true { readCount += 1 }
  }
}
