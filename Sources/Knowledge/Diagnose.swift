import LogScan
import Model

extension RuleSet {
  /// Turns what was read into findings, in the order of CONTRACT: causes first.
  ///
  /// Hosts are diagnosed apart, so that the recovery of one is not taken for that of another.
  public func diagnose(_ observations: Observations) -> Diagnosis {
    let hosts = grouped(observations.hits)
    var findings: [Finding] = []
    for (host, hits) in hosts {
      findings += diagnose(hits, facts: observations.facts, host: hosts.count > 1 ? host : nil)
    }
    return Diagnosis(findings: findings.sorted(by: precedes))
  }

  /// The facts that the rules ask for.
  public var factKeys: Set<String> { Set(entries.flatMap { Self.factKeys(of: $0.rule) }) }

  private static func factKeys(of rule: Rule) -> [String] { (rule.when.factTests + rule.unless).map(\.key) }

  /// How many rules found nothing but could not be asked in full, because a fact that they test is not known.
  public func openCount(_ diagnosis: Diagnosis, _ observations: Observations) -> Int {
    let found = Set(diagnosis.findings.map(\.rule.id))
    return entries.count { entry in
      !found.contains(entry.rule.id) && Self.factKeys(of: entry.rule).contains { observations.facts[$0] == nil }
    }
  }

  /// The hits by host; lines without one belong to the only host, where there is only one.
  private func grouped(_ hits: [String?: [Int: SignatureHits]]) -> [(String?, [Int: SignatureHits])] {
    let named = hits.keys.compactMap { $0 }.sorted()
    guard named.count <= 1 else {
      return (named as [String?] + (hits[nil] == nil ? [] : [nil])).map { ($0, hits[$0] ?? [:]) }
    }
    var merged = hits[nil] ?? [:]
    if let host = named.first { merged.merge(hits[host] ?? [:]) { $0.merged(with: $1) } }
    return [(named.first, merged)]
  }

  private func diagnose(_ hits: [Int: SignatureHits], facts: [String: Fact], host: String?) -> [Finding] {
    let evaluator = Evaluator(facts: facts, hits: hits)
    let candidates = entries.compactMap { entry in finding(entry, evaluator, host).map { (entry, $0) } }
    let active = Set(candidates.filter { $0.1.status == .active }.map(\.1.rule.id))
    var kept = candidates.filter { (entry, finding) in
      finding.status == .resolved || active.isDisjoint(with: finding.rule.yieldsTo)
        || isCertain(finding, entry, evaluator)
    }.map(\.1)
    let present = Set(kept.filter { $0.status == .active }.map(\.rule.id))
    for index in kept.indices {
      let id = kept[index].rule.id
      if kept[index].status == .active { kept[index].explains = present.intersection(reach[id] ?? []).sorted() }
      kept[index].explainedBy = present.filter { reach[$0]?.contains(id) ?? false }.sorted()
    }
    return kept
  }

  /// Whether a finding of a rule that knows hints rests on more than these.
  private func isCertain(_ finding: Finding, _ entry: Entry, _ evaluator: Evaluator) -> Bool {
    let patterns = zip(entry.rule.when.patterns, entry.patterns)
    guard patterns.contains(where: { $0.0.isHint }) else { return false }
    if finding.evidence.contains(where: { if case .fact = $0 { true } else { false } }) { return true }
    return patterns.contains { pattern, index in !pattern.isHint && evaluator.hits[index]?.isSatisfied ?? false }
  }

  private func finding(_ entry: Entry, _ evaluator: Evaluator, _ host: String?) -> Finding? {
    var patterns = entry.patterns[...]
    let rule = entry.rule
    guard let evidence = evaluator.decide(rule.when, &patterns).evidence else { return nil }
    let seen = entry.patterns.compactMap { evaluator.hits[$0] }.filter(\.isSatisfied)
    let hasLog = evidence.contains { if case .log = $0 { true } else { false } }
    let hasFact = evidence.contains { if case .fact = $0 { true } else { false } }
    let denied = rule.unless.contains { evaluator.decide($0).evidence != nil }
    if denied, !hasLog { return nil }
    let subjects = subjects(seen)
    let open = subjects.filter { !isCleared(entry, evaluator, subject: $0.key, last: $0.value) }
    let isOver =
      subjects.isEmpty
      ? seen.compactMap(\.last).max(by: { $1.isLater(than: $0) }).map { isCleared(entry, evaluator, last: $0) } ?? false
      : open.isEmpty
    let status: Status = denied || (hasLog && !hasFact && isOver) ? .resolved : .active
    let ordered = ordered(evidence)
    var graded = entry.patterns[...]
    let grade = evaluator.severity(of: rule.when, &graded)
    var captures: [String: String] = [:]
    for case .log(let event, _, _, _) in ordered { captures.merge(event.captures) { old, _ in old } }
    return Finding(
      rule: rule, severity: min(rule.severity, grade ?? rule.severity), host: host,
      confidence: hasLog && hasFact ? .confirmed : rule.rivals.isEmpty ? .likely : .possible, status: status,
      alternatives: hasLog && hasFact ? [] : rule.rivals,
      subjects: (status == .active && !open.isEmpty ? open : subjects).keys.sorted(), evidence: ordered,
      fixes: fixes(rule.fixes, evaluator, captures), firstSeen: seen.compactMap(\.first?.time).min())
  }

  /// The evidence that was seen most often first, then facts; at most a handful.
  private func ordered(_ evidence: [Evidence]) -> [Evidence] {
    let logs = evidence.filter { if case .log = $0 { true } else { false } }
    var distinct: [Evidence] = []
    for case .log(let event, let count, let first, let last) in logs {
      let isKnown = distinct.contains {
        if case .log(let other, _, _, _) = $0 {
          other.line == event.line && other.source == event.source
        } else {
          false
        }
      }
      if !isKnown { distinct.append(.log(event, count: count, first: first, last: last)) }
    }
    let facts = evidence.filter { if case .fact = $0 { true } else { false } }
    return Array(distinct.prefix(5)) + facts
  }

  private func subjects(_ seen: [SignatureHits]) -> [String: LogEvent] {
    var subjects: [String: LogEvent] = [:]
    for hit in seen { subjects.merge(hit.subjects) { $1.isLater(than: $0) ? $1 : $0 } }
    return subjects
  }

  /// Whether a later line shows that the failure is over; one about another subject shows nothing.
  private func isCleared(_ entry: Entry, _ evaluator: Evaluator, subject: String? = nil, last: LogEvent) -> Bool {
    entry.cleared.contains { index in
      guard let hit = evaluator.hits[index] else { return false }
      if let subject, !hit.subjects.isEmpty { return hit.subjects[subject]?.isLater(than: last) ?? false }
      return hit.last?.isLater(than: last) ?? false
    }
  }

  /// Those of `fixes` that fit this node, filled in: the variants for it, else the general ones.
  func fixes(_ fixes: [Fix], _ evaluator: Evaluator, _ captures: [String: String]) -> [FilledFix] {
    let fitting = fixes.filter { fix in
      !fix.when.isEmpty && fix.when.allSatisfy { evaluator.decide($0).evidence != nil }
    }
    let general = fixes.filter { $0.when.isEmpty && (fitting.isEmpty || !$0.otherwise) }
    let chosen =
      fitting.isEmpty && general.isEmpty
      ? fixes : fixes.filter { fitting.contains($0) || general.contains($0) }
    func fill(_ templates: [String]) -> [String] {
      templates.map { CommandTemplate.fill($0, captures: captures, facts: evaluator.facts) }
    }
    return chosen.map {
      FilledFix(
        title: $0.title, commands: fill($0.commands), verify: fill($0.verify), undo: fill($0.undo), risk: $0.risk)
    }
  }

  /// The fixes of `rule` in every variant, with placeholders for what only a node tells.
  public func generalFixes(of rule: Rule) -> [FilledFix] {
    func fill(_ templates: [String]) -> [String] {
      templates.map { CommandTemplate.fill($0, captures: [:], facts: [:]) }
    }
    return rule.fixes.map {
      FilledFix(
        title: $0.title, commands: fill($0.commands), verify: fill($0.verify), undo: fill($0.undo), risk: $0.risk)
    }
  }

  /// The total order of CONTRACT.
  func precedes(_ a: Finding, _ b: Finding) -> Bool {
    if a.status != b.status { return a.status == .active }
    if a.explainedBy.isEmpty != b.explainedBy.isEmpty { return a.explainedBy.isEmpty }
    if a.rule.kind != b.rule.kind { return a.rule.kind < b.rule.kind }
    if a.confidence != b.confidence { return a.confidence < b.confidence }
    if a.severity != b.severity { return a.severity < b.severity }
    if a.explains.count != b.explains.count { return a.explains.count > b.explains.count }
    if let x = a.firstSeen, let y = b.firstSeen, x != y { return x < y }
    if (a.firstSeen == nil) != (b.firstSeen == nil) { return a.firstSeen != nil }
    if a.rule.id != b.rule.id { return a.rule.id < b.rule.id }
    return (a.host ?? "") < (b.host ?? "")
  }
}

extension SignatureHits {
  /// The hits of two groups of lines that belong to one host.
  fileprivate func merged(with other: SignatureHits) -> SignatureHits {
    var result = self
    result.count += other.count
    if let first, let theirs = other.first { result.first = first.isLater(than: theirs) ? theirs : first }
    if let last, let theirs = other.last { result.last = theirs.isLater(than: last) ? theirs : last }
    result.subjects.merge(other.subjects) { $1.isLater(than: $0) ? $1 : $0 }
    result.isSatisfied = isSatisfied || other.isSatisfied
    return result
  }
}
