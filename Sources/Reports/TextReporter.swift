import Model

/// The report for a person at a terminal: the cause first, then the proof, then what to type.
public struct TextReporter: Reporter {
  let style: Style
  let width: Int
  let isVerbose: Bool

  init(style: Style, width: Int, isVerbose: Bool) {
    self.style = style
    self.width = max(40, min(width, 120))
    self.isVerbose = isVerbose
  }

  public func report(_ report: Report, in language: Language) -> String {
    let words = Words(language: language)
    var page = Page(style: style, width: width)
    let active = report.diagnosis.findings.filter { $0.status == .active }
    let top = active.filter { $0.explainedBy.isEmpty && $0.severity != .info }
    let byID = Dictionary(active.map { ($0.rule.id, $0) }) { first, _ in first }
    for finding in top { write(finding, byID, words, to: &page) }
    if top.isEmpty {
      page.paragraph(report.unread.isEmpty ? style.good : style.warning, words.silence(report))
      page.line("")
    }
    writeMinor(report.diagnosis.findings, words, to: &page)
    if !report.unread.isEmpty {
      page.line(style.warning(words.say("Could not be read", "无法读取")))
      for part in report.unread.prefix(isVerbose ? 100 : 5) { page.paragraph({ $0 }, words.unread(part), indent: 2) }
      page.line("")
    }
    page.paragraph(style.dim, footer(report, words))
    return page.text
  }

  private func write(_ finding: Finding, _ byID: [String: Finding], _ words: Words, to page: inout Page) {
    let rule = finding.rule
    let badge = words.severity(finding.severity)
    let color = finding.severity == .critical ? style.critical : style.warning
    page.paragraph(
      style.bold, rule.title[words.language], first: color(badge) + "  ", firstWidth: Terminal.width(badge) + 2)
    var about = [rule.id, words.kind(rule.kind), words.confidence(finding.confidence)]
    if let host = finding.host { about.append(words.say("on ", "主机 ") + Terminal.stripped(host)) }
    page.paragraph(style.dim, about.joined(separator: " · "), indent: 2)
    if !finding.subjects.isEmpty {
      let shown = finding.subjects.prefix(5).map(Terminal.stripped).joined(separator: ", ")
      let more = finding.subjects.count > 5 ? " (+\(finding.subjects.count - 5))" : ""
      page.paragraph({ $0 }, words.say("Concerns: ", "涉及：") + shown + more, indent: 2)
    }
    page.line("")
    page.heading(words.say("Proof", "证据"))
    for evidence in finding.evidence.prefix(isVerbose ? 20 : 3) { write(evidence, words, to: &page) }
    page.heading(words.say("Why", "原因"))
    page.paragraph({ $0 }, rule.cause[words.language], indent: 4)
    page.line("")
    for fix in finding.fixes { page.fix(fix, words, withUndo: isVerbose) }
    if let advice = rule.advice {
      page.heading(words.say("Beware", "注意"))
      page.paragraph({ $0 }, advice[words.language], indent: 4)
      page.line("")
    }
    for id in finding.explains {
      guard let other = byID[id] else { continue }
      page.paragraph(
        style.dim, words.say("explains ", "可解释 ") + id + ": " + other.rule.title[words.language], indent: 2)
    }
    if !finding.alternatives.isEmpty {
      let list = finding.alternatives.joined(separator: ", ")
      page.paragraph(style.dim, words.say("could also be: ", "也可能是：") + list, indent: 2)
    }
    for reference in rule.references { page.line("  " + style.dim(reference)) }
    page.line("")
  }

  private func write(_ evidence: Evidence, _ words: Words, to page: inout Page) {
    switch evidence {
    case .fact(let fact):
      let place = fact.source + (fact.line.map { ":\($0)" } ?? "")
      page.line("    " + style.dim(Terminal.stripped(place)))
      page.line(
        "    " + style.mark(fact.key + " = " + Terminal.stripped(fact.value?.text ?? words.say("absent", "不存在"))))
    case .log(let event, let count, let first, let last):
      var place = Terminal.stripped(event.source) + ":\(event.line)"
      if let unit = event.unit { place += "  " + Terminal.stripped(unit) }
      if let time = event.time { place += "  " + time.rfc3339 }
      page.line("    " + style.dim(place))
      page.line("    " + excerpt(event))
      if count > 1 {
        var often = words.say("\(count) times", "共 \(count) 次")
        if let first, let last, first != last { often += ", \(first.rfc3339) … \(last.rfc3339)" }
        page.line("    " + style.dim(often))
      }
    }
    page.line("")
  }

  /// The line around the deciding words, which are marked; as much as two rows hold.
  private func excerpt(_ event: LogEvent) -> String {
    let bytes = Array(event.message.utf8)
    let limit = 2 * (width - 6)
    let match = event.match.map { $0.clamped(to: 0..<bytes.count) } ?? 0..<0
    var start = 0
    if match.upperBound > limit { start = max(0, min(match.lowerBound, bytes.count - limit)) }
    while start > 0, bytes[start] & 0xc0 == 0x80 { start -= 1 }
    var end = min(bytes.count, start + limit)
    while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
    func part(_ range: Range<Int>) -> String {
      range.isEmpty ? "" : Terminal.stripped(String(decoding: bytes[range], as: UTF8.self))
    }
    let from = min(max(match.lowerBound, start), end)
    let to = min(max(match.upperBound, from), end)
    return (start > 0 ? "…" : "") + part(start..<from) + style.mark(part(from..<to)) + part(to..<end)
      + (end < bytes.count ? "…" : "")
  }

  /// What is over and what is harmless, a line each.
  private func writeMinor(_ findings: [Finding], _ words: Words, to page: inout Page) {
    for finding in findings where finding.status == .active && finding.severity == .info {
      page.paragraph(
        style.dim, "• " + words.say("note: ", "提示：") + finding.rule.title[words.language] + " (\(finding.rule.id))")
    }
    for finding in findings where finding.status == .resolved {
      page.paragraph(
        style.dim, "• " + words.say("resolved: ", "已恢复：") + finding.rule.title[words.language] + " (\(finding.rule.id))"
      )
    }
    if findings.contains(where: { $0.severity == .info || $0.status == .resolved }) { page.line("") }
  }

  private func footer(_ report: Report, _ words: Words) -> String {
    let source = report.source
    let size =
      source.bytes < 10_000
      ? "\(source.bytes) B" : source.bytes < 10_000_000 ? "\(source.bytes / 1000) kB" : "\(source.bytes / 1_000_000) MB"
    let inputs =
      source.inputs.count == 1
      ? Terminal.stripped(source.inputs[0]) : words.say("\(source.inputs.count) inputs", "\(source.inputs.count) 个输入")
    if source.kind == .live || source.kind == .root {
      let place = source.kind == .live ? words.say("this node", "本节点") : inputs
      let open = report.skippedCount
      return words.say(
        "Read \(report.facts.count) facts and \(source.lines) log lines (\(size)) of \(place); \(report.ruleCount) rules, \(open) of them only in part, because facts are not known.",
        "已读取 \(place)：\(report.facts.count) 项事实，日志 \(source.lines) 行（\(size)）；\(report.ruleCount) 条规则，其中 \(open) 条因事实未知仅部分检查。"
      )
    }
    var text = words.say(
      "Read \(source.lines) lines (\(size)) of \(inputs)", "已读取 \(inputs)，\(source.lines) 行（\(size)）")
    if let from = source.from, let to = source.to { text += ", \(from.rfc3339) … \(to.rfc3339)" }
    return text + words.say("; \(report.ruleCount) rules.", "；\(report.ruleCount) 条规则。")
  }
}
