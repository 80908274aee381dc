/// The reason why an input could not be read.
public enum ReadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The node does not have it: this is knowledge.
  case absent
  /// The source cannot tell: this is not.
  case notCaptured
  case denied
  /// No answer came within the time limit.
  case timedOut(seconds: Double)
  /// The user asked to stop before it was read.
  case interrupted
  /// The question leaves the machine, which the user did not allow.
  case notAsked
  case empty
  case malformed(String)
  case failed(String)

  public var description: String {
    switch self {
    case .absent: "no such file or directory"
    case .notCaptured: "was not captured"
    case .denied: "permission denied; run as root or make it readable"
    case .timedOut(let seconds):
      "no answer within \(Int(exactly: seconds).map(String.init) ?? String(seconds)) s"
    case .interrupted: "interrupted before it was read"
    case .notAsked: "was not asked: it needs --network"
    case .empty: "is empty"
    case .malformed(let reason): reason
    case .failed(let reason): reason
    }
  }
}
