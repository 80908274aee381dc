import FoundationEssentials
import Model

/// The outcome of `kdoctor preflight`, as text or JSON.
public struct PreflightReporter: Sendable {
  let results: [PreflightResult]
  let role: NodeRole

  public init(_ results: [PreflightResult], role: NodeRole) {
    self.results = results
    self.role = role
  }

  /// A line a check, then what to do about those that did not pass.
  public func text(in language: Language, color: Bool, width: Int) -> String {
    let words = Words(language: language)
    let style = Style(color: color)
    var page = Page(style: style, width: max(40, min(width, 120)))
    let labels = PreflightResult.Status.allCases.map { label($0, words) }
    let column = (labels.map { Terminal.width($0) }.max() ?? 0) + 2
    for result in results {
      let badge = label(result.status, words)
      let gap = String(repeating: " ", count: column - Terminal.width(badge))
      page.paragraph(
        { $0 }, result.title[language], first: paint(result.status, style)(badge) + gap, firstWidth: column)
      if result.status != .passed {
        for line in details(result, words) { page.paragraph(style.dim, line, indent: column) }
      }
    }
    page.line("")
    var shown: [String] = []
    for fix in results.flatMap(\.fixes) {
      let body = fix.commands.joined(separator: "\n")
      if shown.contains(body) { continue }
      shown.append(body)
      page.fix(fix, words, withUndo: false)
    }
    page.paragraph(style.dim, summary(words))
    return page.text
  }

  private func summary(_ words: Words) -> String {
    let counts = PreflightResult.Status.allCases.compactMap { status -> String? in
      let count = results.count { $0.status == status }
      if count == 0 { return nil }
      return switch status {
      case .passed: words.say("\(count) passed", "\(count) 项通过")
      case .warning: words.say("\(count) warned", "\(count) 项警告")
      case .failed: words.say("\(count) failed", "\(count) 项失败")
      case .unknown: words.say("\(count) could not be made", "\(count) 项无法检查")
      case .skipped: words.say("\(count) skipped", "\(count) 项未检查")
      }
    }
    return words.say("Role \(role.rawValue): ", "角色 \(role.rawValue)：")
      + counts.joined(separator: words.say(", ", "，")) + words.say(".", "。")
  }

  /// What decided a check, or what it could not find out.
  private func details(_ result: PreflightResult, _ words: Words) -> [String] {
    result.facts.map { "\($0.key) = \(words.value($0)) (\(Terminal.stripped($0.place)))" }
      + result.open.map(words.unread)
  }

  /// The same as a table, and the fixes as code.
  public func markdown(in language: Language) -> String {
    let words = Words(language: language)
    var lines = ["| \(words.say("Check", "检查项")) | \(words.say("Outcome", "结果")) | |", "| --- | --- | --- |"]
    for result in results {
      let detail = details(result, words).joined(separator: "; ").replacing("|", with: "\\|")
      lines.append("| \(result.title[language]) | \(label(result.status, words)) | \(detail) |")
    }
    for fix in results.flatMap(\.fixes) { lines += ["", fix.title[language], "", "```sh"] + fix.commands + ["```"] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same as JSON, schemaVersion 1.
  public func json(in language: Language) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let checks = results.map { result in
      Document.Check(
        id: result.id, title: result.title[language], status: result.status.rawValue,
        detail: result.detail.map(Terminal.stripped), fixes: result.fixes.map { FixDocument($0, language) })
    }
    let data = try? encoder.encode(Document(role: role.rawValue, checks: checks))
    return data.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }

  private struct Document: Encodable {
    struct Check: Encodable {
      let id: String, title: String, status: String, detail: String?
      let fixes: [FixDocument]
    }
    let schemaVersion = 1
    let role: String
    let checks: [Check]
  }

  private func label(_ status: PreflightResult.Status, _ words: Words) -> String {
    switch status {
    case .passed: words.say("passed", "通过")
    case .warning: words.say("WARNING", "警告")
    case .failed: words.say("FAILED", "失败")
    case .unknown: words.say("unknown", "未知")
    case .skipped: words.say("skipped", "未检查")
    }
  }

  private func paint(_ status: PreflightResult.Status, _ style: Style) -> (String) -> String {
    switch status {
    case .passed: style.good
    case .warning: style.warning
    case .failed: style.critical
    case .unknown, .skipped: style.dim
    }
  }
}
