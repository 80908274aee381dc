import Model

/// What everything passes before it enters a bundle.
public protocol Cleaner: AnyObject {
  /// A whole file, or the answer to a probe.
  func file(_ bytes: [UInt8], of path: String) -> [UInt8]
  /// A block of whole lines of a log.
  func block(_ bytes: [UInt8], of path: String) -> [UInt8]
  /// A message of a journal. What goes on in the next message of the same writer is known to belong to it.
  func message(_ bytes: [UInt8], by writer: [UInt8], of path: String) -> [UInt8]
  /// Ends the log whose blocks came last.
  func endStream()
  /// A path, a name or another short text.
  func name(_ text: String) -> String
  /// How often each kind of secret was taken out, by path.
  var removed: [String: [String: Int]] { get }
}
