import Model
import NodeAccess

/// The logs that a node keeps: its journal, else what syslog wrote; and those of the control plane's pods.
enum NodeLogs {
  /// How far back the live journal is read: it may hold years.
  private static let horizon = 86_400.0

  /// Feeds the logs of `source` to `sink`.
  static func read(_ source: DirectorySource, now: Double?, into sink: any LogSink) -> LogReading {
    let began = ContinuousClock.now
    var inputs = LogInputs(into: sink)
    if source.isLive, let now { inputs.since = now - horizon }
    func read(_ path: String) { if let local = try? source.localPath(of: path) { inputs.read(local, named: path) } }
    let journals = ["/var/log/journal", "/run/log/journal"].filter { !((try? source.entries(of: $0)) ?? []).isEmpty }
    for folder in journals { read(folder) }
    let wasRead = inputs.readCount > 0
    for name in (try? source.entries(of: "/var/log")) ?? [] {
      let path = "/var/log/" + name
      let isSyslog = name == "syslog" || name == "messages" || name == "kern.log"
      // The journal holds what syslog holds, and more.
      if isSyslog ? !wasRead : name.hasSuffix(".log") && isOfNode(name) { read(path) }
    }
    for name in (try? source.entries(of: "/var/log/pods")) ?? [] where name.hasPrefix("kube-system_") {
      read("/var/log/pods/" + name)
    }
    let failures = inputs.failures.filter {
      switch $0.error {
      case .absent, .notCaptured, .empty: false
      case .denied, .timedOut, .interrupted, .malformed, .failed: true
      }
    }
    let spent = (ContinuousClock.now - began).components
    return LogReading(
      failures: failures, readCount: inputs.readCount,
      milliseconds: Int(spent.seconds * 1000 + spent.attoseconds / 1_000_000_000_000_000))
  }

  private static func isOfNode(_ name: String) -> Bool {
    ["kube", "containerd", "crio", "docker", "k3s", "rke2"].contains(where: name.hasPrefix)
  }
}
