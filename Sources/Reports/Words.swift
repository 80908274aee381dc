import Model

/// The words of the text report, in every language.
struct Words {
  let language: Language

  func say(_ en: String, _ zh: String) -> String {
    switch language {
    case .en: en
    case .zh: zh
    }
  }

  func severity(_ severity: Severity) -> String {
    switch severity {
    case .critical: say("CRITICAL", "严重")
    case .warning: say("WARNING", "警告")
    case .info: say("INFO", "信息")
    }
  }

  func confidence(_ confidence: Confidence) -> String {
    switch confidence {
    case .confirmed: say("confirmed by logs and facts", "日志与节点状态均已证实")
    case .likely: say("likely", "很可能")
    case .possible: say("possible", "有可能")
    }
  }

  func risk(_ risk: Risk) -> String {
    switch risk {
    case .none: say("interrupts nothing", "不中断任何服务")
    case .restart: say("restarts a service", "会重启服务")
    case .disruptive: say("disruptive: interrupts workloads", "会中断工作负载")
    case .destructive: say("DESTRUCTIVE: loses data; make a backup first", "破坏性操作：会丢失数据，请先备份")
    }
  }

  func kind(_ kind: Kind) -> String {
    switch kind {
    case .root: say("root cause", "根本原因")
    case .symptom: say("symptom, its cause was not found", "症状，未找到其原因")
    case .benign: say("harmless", "无害")
    }
  }

  /// What a report says where it has nothing to show.
  func silence(_ report: Report) -> String {
    if report.isNoNode, report.diagnosis.findings.isEmpty {
      return say(
        "This machine is no Kubernetes node: no kubelet and no distribution of Kubernetes was found. Nothing was diagnosed.",
        "此机器不是 Kubernetes 节点：未发现 kubelet 或 Kubernetes 发行版，未作诊断。"
      )
    }
    if report.unread.isEmpty { return say("No known failure was found.", "未发现已知故障。") }
    return say(
      "No known failure was found in what could be read, but not all could be: this does not mean that the node is healthy.",
      "在可读取的内容中未发现已知故障，但有内容无法读取：这并不表示节点健康。")
  }

  /// The commands that lead on where a report ends without a cause; none where it names one.
  func waysOn(_ report: Report, _ top: [Finding]) -> [(purpose: String, command: String)] {
    if report.isNoNode, report.diagnosis.findings.isEmpty {
      return [
        (say("whether it can become a node", "检查能否成为节点"), "sudo kdoctor preflight"),
        (say("what the logs of another node say", "诊断其他节点的日志"), "kdoctor analyze FILE"),
      ]
    }
    guard report.source.kind == .logs, top.first?.rule.kind == .symptom else { return [] }
    return [
      (say("these lines do not show the cause; look at the node", "以上日志未显示原因；请检查该节点"), "sudo kdoctor diagnose"),
      (say("or read its kubelet's log", "或读取其 kubelet 日志"), "sudo journalctl -u kubelet -b | kdoctor analyze -"),
    ]
  }

  /// What could not be read for one reason: a few names, and how many more.
  func unread(_ part: Report.Unread) -> String {
    let shown = part.names.prefix(4).map(Terminal.stripped).joined(separator: ", ")
    let left = part.names.count - 4
    let more = left > 0 ? say(" and \(left) more", " 等 \(part.names.count) 项") : ""
    return reason(part.error) + say(": ", "：") + shown + more
  }
}

extension Words {
  /// Where evidence was read, as a person calls it.
  func source(_ name: String) -> String { name == "-" ? say("standard input", "标准输入") : Terminal.stripped(name) }

  /// The value of a fact; an empty one would read as a slip.
  func value(_ fact: Fact) -> String {
    guard let value = fact.value else { return say("absent", "不存在") }
    return value.isEmpty ? say("none", "无") : Terminal.stripped(value.text)
  }
}

extension Report {
  /// Whether the machine is known to be no Kubernetes node.
  var isNoNode: Bool { facts["node.isKubernetes"]?.value == .bool(false) }
}
