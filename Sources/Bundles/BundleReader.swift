import FoundationEssentials
import Model
import NodeAccess

/// Reads a bundle: the node that was recorded, and its logs.
///
/// What the manifest says is as hostile as any input: it only ever names entries of the same bundle.
public struct BundleReader {
  public let manifest: Manifest
  private let files: BundleTree
  private static let manifestLimit = 32 << 20
  private static let entryLimit = 16 << 20

  /// - Throws: `.absent` where there is no manifest, `.malformed` where it is none of a bundle that this kdoctor reads.
  public init(_ files: BundleTree) throws(ReadError) {
    self.files = files
    let bytes = try files.contents(of: BundleTree.manifestName, limit: Self.manifestLimit)
    do {
      manifest = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
    } catch {
      throw .malformed("has a manifest that cannot be read")
    }
    guard manifest.kind == Manifest.kind else { throw .malformed("is no bundle of kdoctor") }
    guard manifest.formatVersion <= Manifest.version else {
      throw .malformed("was written by a newer kdoctor (format \(manifest.formatVersion))")
    }
  }

  /// What the node said. An entry that is missing leaves its question open.
  public var recording: Recording {
    var recording = Recording()
    for read in manifest.reads { recording.add(reply(to: read), to: read.question) }
    return recording
  }

  private func reply(to read: Manifest.Read) -> Reply {
    if let name = read.stored {
      do throws(ReadError) {
        return .bytes(try files.contents(of: name, limit: Self.entryLimit))
      } catch {
        return .none(.malformed("is missing from the bundle"))
      }
    }
    if let names = read.names { return .names(names) }
    if let status = read.status { return .status(status) }
    return .none(read.error?.error ?? .notCaptured)
  }

  /// Feeds the logs to `sink`; how many were read, and what could not be read, on the node or here.
  public func readLogs(into sink: any LogSink) -> (readCount: Int, failures: [(name: String, error: ReadError)]) {
    var inputs = LogInputs(into: sink)
    // A part is read once: a manifest that names it again and again must not make much of little.
    var seen: Set<String> = []
    let logs = manifest.logs.map { log in
      (
        name: log.name, isJournal: log.form == .journal,
        modified: log.modified.map { LogTime(seconds: $0, hasZone: true) },
        parts: log.parts.filter { seen.insert($0).inserted }
      )
    }
    inputs.read(logs, of: files, partLimit: Self.entryLimit)
    return (inputs.readCount, manifest.logFailures.map { ($0.name, $0.error.error) } + inputs.failures)
  }
}
