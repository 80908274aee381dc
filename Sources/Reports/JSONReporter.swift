import FoundationEssentials
import Model

/// The report as JSON, schemaVersion 1: for scripts and dashboards. Fields are added, never changed.
public struct JSONReporter: Reporter {
  public init() {}

  public func report(_ report: Report, in language: Language) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(Document(report, language)) else { return "{}\n" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

private struct Document: Encodable {
  struct Tool: Encodable { let name: String, version: String, rules: Int }
  struct Source: Encodable { let kind: String, inputs: [String], from: String?, to: String?, lines: Int, bytes: Int }
  struct Host: Encodable {
    let name: String?, os: String?, kernel: String?, arch: String?, kubelet: String?, runtime: String?
    var isEmpty: Bool { [name, os, kernel, arch, kubelet, runtime].allSatisfy { $0 == nil } }
  }
  struct Summary: Encodable {
    let critical: Int, warning: Int, info: Int, resolved: Int, checksPassed: Int, checksSkipped: Int
  }
  struct Collection: Encodable { let collector: String, status: String, detail: String?, durationMs: Int }

  let schemaVersion = 1
  let tool: Tool
  let source: Source
  let host: Host?
  let summary: Summary
  let findings: [FindingDocument]
  let collection: [Collection]

  init(_ report: Report, _ language: Language) {
    tool = Tool(name: "kdoctor", version: report.version, rules: report.ruleCount)
    let read = report.source
    source = Source(
      kind: read.kind.rawValue, inputs: read.inputs, from: read.from?.rfc3339, to: read.to?.rfc3339, lines: read.lines,
      bytes: read.bytes)
    func fact(_ key: String) -> String? { report.facts[key]?.value?.text }
    let names = [fact("runtime.name") ?? "containerd", "containerd", "crio", "docker"]
    let runtime = names.compactMap { name in fact(name + ".version").map { name + " " + $0 } }
    let host = Host(
      name: fact("node.hostname") ?? (read.hosts.count == 1 ? read.hosts.first : nil), os: fact("os.name"),
      kernel: fact("kernel.release"), arch: fact("cpu.architecture"), kubelet: fact("kubelet.version").map { "v" + $0 },
      runtime: runtime.first)
    self.host = host.isEmpty ? nil : host
    let active = report.diagnosis.findings.filter { $0.status == .active }
    func count(_ severity: Severity) -> Int { active.count { $0.severity == severity } }
    let found = Set(active.map(\.rule.id)).count
    summary = Summary(
      critical: count(.critical), warning: count(.warning), info: count(.info),
      resolved: report.diagnosis.findings.count - active.count,
      checksPassed: max(0, report.ruleCount - found - report.skippedCount),
      checksSkipped: report.skippedCount)
    findings = report.diagnosis.findings.map { FindingDocument($0, language) }
    collection = report.collection.map {
      Collection(collector: $0.collector, status: $0.outcome.rawValue, detail: $0.detail, durationMs: $0.milliseconds)
    }
  }
}

private struct FindingDocument: Encodable {
  let id: String, area: String, kind: String, severity: String, confidence: String, status: String
  let host: String?
  let title: String, cause: String
  let advice: String?
  let explains: [String], explainedBy: [String], alternatives: [String], subjects: [String]
  let evidence: [EvidenceDocument]
  let fixes: [FixDocument]
  let references: [String]

  init(_ finding: Finding, _ language: Language) {
    let rule = finding.rule
    id = rule.id
    area = rule.area
    kind = rule.kind.rawValue
    severity = finding.severity.rawValue
    confidence = finding.confidence.rawValue
    status = finding.status.rawValue
    host = finding.host
    title = rule.title[language]
    cause = rule.cause[language]
    advice = rule.advice?[language]
    explains = finding.explains
    explainedBy = finding.explainedBy
    alternatives = finding.alternatives
    subjects = finding.subjects
    evidence = finding.evidence.map(EvidenceDocument.init)
    fixes = finding.fixes.map { FixDocument($0, language) }
    references = rule.references
  }
}

/// A fix in JSON.
struct FixDocument: Encodable {
  let title: String, commands: [String], verify: [String], undo: [String], risk: String

  init(_ fix: FilledFix, _ language: Language) {
    title = fix.title[language]
    commands = fix.commands
    verify = fix.verify
    undo = fix.undo
    risk = fix.risk.rawValue
  }
}

private enum EvidenceDocument: Encodable {
  struct Log: Encodable {
    let type = "log"
    let source: String, line: Int, unit: String?, timestamp: String?, text: String, count: Int
    let first: String?, last: String?
  }
  struct FactEvidence: Encodable {
    let type = "fact"
    let key: String, value: FactDocument?, source: String, line: Int?
  }
  case log(Log)
  case fact(FactEvidence)

  init(_ evidence: Evidence) {
    switch evidence {
    case .log(let event, let count, let first, let last):
      self = .log(
        Log(
          source: event.source, line: event.line, unit: event.unit, timestamp: event.time?.rfc3339,
          text: String(Terminal.stripped(event.message).prefix(2000)), count: count, first: first?.rfc3339,
          last: last?.rfc3339))
    case .fact(let fact):
      self = .fact(
        FactEvidence(key: fact.key, value: fact.value.map(FactDocument.init), source: fact.source, line: fact.line))
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .log(let log): try log.encode(to: encoder)
    case .fact(let fact): try fact.encode(to: encoder)
    }
  }
}

struct FactDocument: Encodable {
  let value: FactValue

  init(_ value: FactValue) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    }
  }
}
