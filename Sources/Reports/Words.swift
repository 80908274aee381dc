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
}
