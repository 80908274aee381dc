import FoundationEssentials
import Model

/// One failure as a page of Markdown.
public struct RulePage: Sendable {
  let rule: Rule
  /// The failures that cause this one.
  let causes: [String]
  /// Its fixes in every variant, with placeholders for what only a node tells.
  let fixes: [FilledFix]

  public init(rule: Rule, causes: [String], fixes: [FilledFix]) {
    self.rule = rule
    self.causes = causes
    self.fixes = fixes
  }

  public func text(in language: Language) -> String {
    let words = Words(language: language)
    var lines = ["# \(rule.title[language])", ""]
    let severity = words.severity(rule.severity)
    lines += ["`\(rule.id)` · \(rule.area) · \(kind(words)) · \(severity)", "", rule.cause[language], ""]
    if let advice = rule.advice { lines += ["**\(words.say("Beware", "注意"))** \(advice[language])", ""] }
    if !causes.isEmpty { lines += [words.say("Caused by: ", "可能原因：") + causes.joined(separator: ", "), ""] }
    if !rule.explains.isEmpty {
      lines += [words.say("Causes: ", "会导致：") + rule.explains.joined(separator: ", "), ""]
    }
    for fix in fixes {
      lines += ["## \(words.say("Fix: ", "修复："))\(fix.title[language])", "", "_\(words.risk(fix.risk))_", ""]
      for (title, commands) in [
        ("", fix.commands), (words.say("Check that it worked:", "确认已修复："), fix.verify),
        (words.say("To take it back:", "撤销："), fix.undo),
      ] where !commands.isEmpty {
        if !title.isEmpty { lines += [title, ""] }
        lines += ["```sh"] + commands + ["```", ""]
      }
    }
    lines += ["## \(words.say("How it reads", "日志样例"))", "", "```text"]
    lines += rule.matching.map(\.log).filter { !$0.isEmpty }
    lines += ["```", ""]
    lines += rule.references.map { "- <\($0)>" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same as JSON: an array of one rule, as a list of rules has it, with all that is known of it.
  public func json(in language: Language) -> String {
    RuleListing.encode([
      RuleListing.Row(
        rule, language, advice: rule.advice?[language], causedBy: causes,
        fixes: fixes.map { FixDocument($0, language) },
        examples: rule.matching.map(\.log).filter { !$0.isEmpty })
    ])
  }

  private func kind(_ words: Words) -> String {
    rule.kind == .symptom ? words.say("symptom", "症状") : words.kind(rule.kind)
  }
}

/// Rules as JSON.
public enum RuleListing {
  struct Row: Encodable {
    let id: String, area: String, kind: String, severity: String, title: String, cause: String
    let explains: [String], references: [String]
    let advice: String?, causedBy: [String]?, fixes: [FixDocument]?, examples: [String]?

    init(
      _ rule: Rule, _ language: Language, advice: String? = nil, causedBy: [String]? = nil,
      fixes: [FixDocument]? = nil, examples: [String]? = nil
    ) {
      id = rule.id
      area = rule.area
      kind = rule.kind.rawValue
      severity = rule.severity.rawValue
      title = rule.title[language]
      cause = rule.cause[language]
      explains = rule.explains
      references = rule.references
      self.advice = advice
      self.causedBy = causedBy
      self.fixes = fixes
      self.examples = examples
    }
  }

  /// An array of rules, each with what a list shows of it.
  public static func json(_ rules: [Rule], in language: Language) -> String { encode(rules.map { Row($0, language) }) }

  fileprivate static func encode(_ rows: [Row]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(rows)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }
}
