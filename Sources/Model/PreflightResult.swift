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
  /// The facts that decided, or the questions that stayed open with the reason; nil where there is nothing to show.
  public let detail: String?
  /// What to do about it; empty for a check that passed or could not be made.
  public let fixes: [FilledFix]

  public init(id: String, title: Localized, status: Status, detail: String?, fixes: [FilledFix]) {
    self.id = id
    self.title = title
    self.status = status
    self.detail = detail
    self.fixes = fixes
  }
}
