import Model

/// The report as Markdown, to paste into an issue or a wiki.
public struct MarkdownReporter: Reporter {
  public init() {}

  public func report(_ report: Report, in language: Language) -> String {
    let words = Words(language: language)
    let active = report.diagnosis.findings.filter { $0.status == .active }
    let top = active.filter { $0.explainedBy.isEmpty && $0.severity != .info }
    var lines: [String] = []
    for finding in top { lines += section(finding, words) }
    if top.isEmpty { lines += [words.silence(report), ""] }
    let minor = report.diagnosis.findings.filter { $0.status == .resolved || $0.severity == .info }
    for finding in minor {
      let badge = finding.status == .resolved ? words.say("resolved", "已恢复") : words.say("note", "提示")
      lines.append("- \(badge): \(finding.rule.title[language]) (`\(finding.rule.id)`)")
    }
    if !report.unread.isEmpty {
      if lines.last != "" { lines.append("") }
      lines += ["### " + words.say("Could not be read", "无法读取"), ""]
      lines += report.unread.map { "- " + inline(words.unread($0)) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ finding: Finding, _ words: Words) -> [String] {
    let rule = finding.rule
    var lines = ["## \(words.severity(finding.severity)): \(rule.title[words.language])", ""]
    var about = ["`\(rule.id)`", words.kind(rule.kind), words.confidence(finding.confidence)]
    if let host = finding.host { about.append(words.say("on ", "主机 ") + inline(host)) }
    lines += [about.joined(separator: " · "), "", rule.cause[words.language], ""]
    if !finding.subjects.isEmpty {
      lines += [words.say("Concerns: ", "涉及：") + finding.subjects.prefix(5).map(inline).joined(separator: ", "), ""]
    }
    lines += ["### " + words.say("Proof", "证据"), ""]
    for evidence in finding.evidence.prefix(5) { lines += proof(evidence, words) }
    for fix in finding.fixes {
      lines += ["### \(words.say("Fix", "修复")): \(fix.title[words.language])", "", "_\(words.risk(fix.risk))_", ""]
      lines += fenced(fix.commands, "sh")
      if !fix.verify.isEmpty {
        lines += [words.say("Check that it worked:", "确认已修复："), ""] + fenced(fix.verify, "sh")
      }
      if !fix.undo.isEmpty { lines += [words.say("To take it back:", "撤销："), ""] + fenced(fix.undo, "sh") }
    }
    if let advice = rule.advice {
      lines += ["**\(words.say("Beware", "注意"))** \(advice[words.language])", ""]
    }
    if !finding.explains.isEmpty {
      lines += [words.say("Explains: ", "可解释：") + finding.explains.map { "`\($0)`" }.joined(separator: ", "), ""]
    }
    return lines + rule.references.map { "<\($0)>" } + [""]
  }

  private func proof(_ evidence: Evidence, _ words: Words) -> [String] {
    switch evidence {
    case .fact(let fact):
      let place = fact.source + (fact.line.map { ":\($0)" } ?? "")
      let value = fact.value?.text ?? words.say("absent", "不存在")
      return [inline(place), ""] + fenced(["\(fact.key) = \(value)"], "text")
    case .log(let event, let count, _, _):
      var place = inline("\(event.source):\(event.line)")
      if let time = event.time { place += " " + time.rfc3339 }
      if count > 1 { place += words.say(", \(count) times", "，共 \(count) 次") }
      return [place, ""] + fenced([String(event.message.prefix(2000))], "text")
    }
  }

  /// A block of code that its content cannot end.
  private func fenced(_ texts: [String], _ language: String) -> [String] {
    let body = texts.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
      .map { Terminal.stripped(String($0)) }
    var fence = "```"
    while body.contains(where: { $0.contains(fence) }) { fence += "`" }
    return [fence + language] + body + [fence, ""]
  }

  private func inline(_ text: String) -> String { "`" + Terminal.stripped(text).filter { $0 != "`" } + "`" }
}
