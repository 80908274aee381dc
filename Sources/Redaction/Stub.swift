public final class Anonymizer {
  public init(hosts: [String]) {}
  public func replace(in text: String) -> String { text }
  public var map: [String: String] { [:] }
}
public final class Redactor {
  public init(anonymizing: Anonymizer? = nil) {}
  public func redact(_ bytes: [UInt8], path: String) -> [UInt8] { bytes }
  public func redactBlock(_ bytes: UnsafeRawBufferPointer, path: String) -> [UInt8] { Array(bytes) }
  public func redact(message: String, match: Range<Int>? = nil) -> (text: String, match: Range<Int>?) {
    (message, match)
  }
  public func endStream() {}
  public var removed: [String: [String: Int]] = [:]
}
