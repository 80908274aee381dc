/// What a machine is to become.
public enum NodeRole: String, Sendable, CaseIterable {
  case controlPlane = "control-plane"
  case worker
}

/// How one prerequisite of kubeadm stands on a machine.
public struct PreflightResult: Sendable {
  /// Whether the prerequisite is met; `unknown` where the facts that decide it are not known, `skipped` where nobody
  /// asked for them.
  public enum Status: String, Sendable, CaseIterable { case passed, warning, failed, unknown, skipped }

  public let id: String
  public let title: Localized
  public let status: Status
  /// The facts that decided, of a list only what was looked for.
  public let facts: [Fact]
  /// The questions that stayed open, by the reason.
  public let open: [Report.Unread]
  /// What to do about it; empty for a check that passed or could not be made.
  public let fixes: [FilledFix]

  public init(
    id: String, title: Localized, status: Status, facts: [Fact] = [], open: [Report.Unread] = [], fixes: [FilledFix]
  ) {
    self.id = id
    self.title = title
    self.status = status
    self.facts = facts
    self.open = open
    self.fixes = fixes
  }

  /// What decided, or what stayed open and why, for scripts; nil where there is nothing to show.
  public var detail: String? {
    let seen = facts.map { fact in
      let value = fact.value.map { $0.isEmpty ? "[]" : $0.text } ?? "-"
      return "\(fact.key) = \(value) (\(fact.place))"
    }
    let questions = open.flatMap { part in part.names.map { "\($0): \(part.reason)" } }
    return seen.isEmpty && questions.isEmpty ? nil : (seen + questions).joined(separator: "; ")
  }
}
