import Model

extension RuleSet {
  /// The findings of several nodes in one order, each finding with the node that it is about.
  public func joined(_ nodes: [(name: String, diagnosis: Diagnosis)]) -> Diagnosis {
    guard nodes.count > 1 else { return nodes.first?.diagnosis ?? Diagnosis(findings: []) }
    let findings = nodes.flatMap { node in node.diagnosis.findings.map { $0.named(node.name) } }
    return Diagnosis(findings: findings.sorted(by: precedes))
  }
}

extension Finding {
  /// The finding with `name` for its host where it names none.
  fileprivate func named(_ name: String) -> Finding {
    var finding = Finding(
      rule: rule, severity: severity, host: host ?? name, confidence: confidence, status: status,
      alternatives: alternatives, subjects: subjects, evidence: evidence, fixes: fixes, firstSeen: firstSeen)
    finding.explains = explains
    finding.explainedBy = explainedBy
    return finding
  }
}
