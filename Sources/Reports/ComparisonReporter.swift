import FoundationEssentials
import Model

/// The nodes of one cluster side by side, as text, Markdown or JSON.
public struct ComparisonReporter: Sendable {
  private let nodes: [ComparedNode]
  private let differences: [Difference]

  public init(nodes: [ComparedNode], differences: [Difference]) {
    self.nodes = nodes
    self.differences = differences
  }

  /// The differences, then a line a node with the first of its findings.
  public func text(in language: Language, color: Bool, width: Int) -> String {
    let words = Words(language: language)
    let style = Style(color: color)
    var page = Page(style: style, width: max(40, min(width, 120)))
    for difference in differences {
      let paint: (String) -> String =
        switch difference.severity {
        case .critical: style.critical
        case .warning: style.warning
        case .info: style.dim
        }
      let badge = words.severity(difference.severity) + "  "
      page.paragraph(
        style.bold, difference.title[language], first: paint(badge), firstWidth: Terminal.width(badge))
      for (value, labels) in difference.values {
        page.paragraph({ $0 }, Terminal.stripped(value) + ": " + list(labels, words), indent: 4)
      }
      page.line("")
    }
    if differences.isEmpty {
      page.paragraph(style.good, words.say("The nodes do not differ in what matters.", "各节点在关键配置上没有差异。"))
      page.line("")
    }
    for node in nodes {
      page.paragraph(style.bold, Terminal.stripped(node.label))
      page.paragraph(style.dim, Terminal.stripped(summary(node)), indent: 4)
      page.paragraph({ $0 }, finding(node, words), indent: 4)
    }
    return page.text
  }

  /// The same as two tables.
  public func markdown(in language: Language) -> String {
    let words = Words(language: language)
    var text = "| \(words.say("Difference", "差异")) | \(words.say("Severity", "级别")) | \(words.say("Values", "取值")) |\n"
    text += "| --- | --- | --- |\n"
    for difference in differences {
      let values = difference.values.map { cell($0.value) + ": " + cell(list($0.nodes, words)) }
      text += "| \(cell(difference.title[language])) | \(words.severity(difference.severity)) | "
      text += values.joined(separator: "<br>") + " |\n"
    }
    text += "\n| \(words.say("Node", "节点")) | \(words.say("System", "系统")) | \(words.say("First finding", "首要问题")) |\n"
    text += "| --- | --- | --- |\n"
    for node in nodes { text += "| \(cell(node.label)) | \(cell(summary(node))) | \(cell(finding(node, words))) |\n" }
    return text
  }

  /// The same as JSON, schemaVersion 1.
  public func json(in language: Language) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let document = Document(
      nodes: nodes.map { node in
        Document.Node(
          name: node.label, input: node.input, facts: node.facts.compactMapValues { $0.value.map(FactDocument.init) },
          finding: node.finding.map { Document.Finding(id: $0.rule.id, title: $0.rule.title[language]) })
      },
      differences: differences.map { difference in
        Document.Difference(
          fact: difference.key, demand: difference.demand.rawValue, severity: difference.severity.rawValue,
          title: difference.title[language],
          values: difference.values.map { Document.Value(value: $0.value, nodes: $0.nodes) })
      })
    let data = try? encoder.encode(document)
    return data.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }

  private struct Document: Encodable {
    struct Finding: Encodable { let id: String, title: String }
    struct Node: Encodable { let name: String, input: String, facts: [String: FactDocument], finding: Finding? }
    struct Value: Encodable { let value: String, nodes: [String] }
    struct Difference: Encodable {
      let fact: String, demand: String, severity: String, title: String, values: [Value]
    }
    let schemaVersion = 1
    let nodes: [Node]
    let differences: [Difference]
  }

  private func list(_ labels: [String], _ words: Words) -> String {
    let shown = labels.prefix(8).map(Terminal.stripped).joined(separator: ", ")
    guard labels.count > 8 else { return shown }
    return shown + words.say(" and \(labels.count - 8) more", " 等共 \(labels.count) 个")
  }

  private func summary(_ node: ComparedNode) -> String {
    func text(_ key: String, _ name: String = "") -> String? { node.facts[key]?.value.map { name + $0.text } }
    let runtime = node.facts["runtime.name"]?.value?.text ?? "containerd"
    return [
      text("os.name"), text("kernel.release", "kernel "), text("kubelet.version", "kubelet "),
      text(runtime + ".version", runtime + " "), node.input,
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private func finding(_ node: ComparedNode, _ words: Words) -> String {
    guard let finding = node.finding else { return words.say("no known failure", "未发现已知故障") }
    let rule = finding.rule
    return words.severity(finding.severity) + " " + rule.title[words.language] + " (\(rule.id))"
  }

  private func cell(_ text: String) -> String {
    Terminal.stripped(text).replacing("|", with: "\\|").replacing("<", with: "&lt;")
  }
}
