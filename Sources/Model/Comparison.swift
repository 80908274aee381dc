/// One node among several.
public struct ComparedNode: Sendable {
  /// What the comparison calls it: its hostname, or its input where two have the same.
  public let label: String
  /// The bundle, folder or archive that it was read from.
  public let input: String
  public let facts: [String: Fact]
  /// The first of its active findings.
  public let finding: Finding?

  public init(label: String, input: String, facts: [String: Fact], finding: Finding?) {
    self.label = label
    self.input = input
    self.facts = facts
    self.finding = finding
  }
}

/// A fact in which the nodes of one cluster should not differ, or should.
public struct Difference: Sendable {
  /// What a cluster asks of the fact.
  public enum Demand: String, Sendable { case unique, equal }

  public let key: String
  public let demand: Demand
  public let severity: Severity
  public let title: Localized
  /// The values, most nodes first, each with the labels of its nodes.
  public let values: [(value: String, nodes: [String])]

  public init(
    key: String, demand: Demand, severity: Severity, title: Localized, values: [(value: String, nodes: [String])]
  ) {
    self.key = key
    self.demand = demand
    self.severity = severity
    self.title = title
    self.values = values
  }
}
