import Model

/// What a hit of a signature is for.
public enum SignatureRole: Sendable, Equatable {
  /// Evidence of a rule, or a sign that its failure is over.
  case rule
  /// The capture `value` answers a fact.
  case fact(String)
  /// The component has just started.
  case start(String)
}

/// An expression to look for, and what makes a line that matches it a hit.
public struct Signature: Sendable, Equatable {
  public let pattern: LogPattern
  public let role: SignatureRole
  /// The capture that tells one subject from another.
  public let subject: String?

  public init(_ pattern: LogPattern, role: SignatureRole = .rule, subject: String? = nil) {
    self.pattern = pattern
    self.role = role
    self.subject = subject
  }
}

/// An expression that the engines refuse.
public struct SignatureError: Error, Sendable, CustomStringConvertible {
  /// The index of the signature in its set.
  public let index: Int
  public let message: String

  public init(index: Int, message: String) {
    self.index = index
    self.message = message
  }

  public var description: String { message }
}
