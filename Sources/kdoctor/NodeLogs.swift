import Model
import NodeAccess

/// The logs that a node keeps: its journal, else what syslog wrote; and those of the control plane's pods.
struct NodeLogs {
  private let source: any Source
  private let inputs: NodeLogInputs
  private let began = ContinuousClock.now

  /// - Parameters:
  ///   - root: the node, whose logs are fed to `sink`.
  ///   - source: the same node, asked patiently.
  init(_ root: DirectorySource, _ source: any Source, _ window: LogWindow, into sink: any LogSink) {
    self.source = source
    inputs = NodeLogInputs(of: root, window: window, into: sink)
  }

  /// The part of the logs that is read when nothing else is asked for: all of a captured tree.
  static func usualWindow(of source: DirectorySource) -> LogWindow {
    guard source.isLive else { return .all }
    let (now, booted) = NodeLogInputs.bootTime()
    return .recent(now: now, booted: booted)
  }

  /// Reads all of them.
  func read() -> LogReading {
    let journals = ["/var/log/journal", "/run/log/journal"].map { (name: $0, files: journalFiles(below: $0)) }
      .filter { !$0.files.isEmpty }
    if let first = journals.first { inputs.readJournals(journals.flatMap(\.files), name: first.name) }
    // The journal holds what syslog holds, and more.
    readTexts(withSyslog: inputs.readCount == 0)
    for pod in entries("/var/log/pods") where Self.namespaces.contains(String(pod.prefix { $0 != "_" })) {
      for container in entries("/var/log/pods/" + pod) { readContainer("/var/log/pods/\(pod)/\(container)") }
    }
    let failures = inputs.failures.filter {
      switch $0.error {
      case .absent, .notCaptured, .notAsked, .empty: false
      case .denied, .timedOut, .interrupted, .malformed, .failed: true
      }
    }
    let spent = (ContinuousClock.now - began).components
    return LogReading(
      failures: failures, notes: inputs.notes, readCount: inputs.readCount,
      milliseconds: Int(spent.seconds * 1000 + spent.attoseconds / 1_000_000_000_000_000))
  }

  private func entries(_ folder: String) -> [String] { inputs.names(in: folder, of: source) }

  /// The journal files of this machine: those below the folder of its id, where there is one, since others may have
  /// sent theirs here. Users' own journals hold nothing of the node's services.
  private func journalFiles(below folder: String) -> [String] {
    let id = (try? source.text(of: "/etc/machine-id"))?.prefix { $0.isHexDigit }
    let names = entries(folder)
    let machines = names.filter { $0 == id ?? "" }
    let folders = [folder] + (machines.isEmpty ? names : machines).map { folder + "/" + $0 }
    return folders.flatMap { folder in
      (folder.hasSuffix(".journal") ? [] : folder == folders.first ? names : entries(folder))
        .filter { $0.hasSuffix(".journal") || $0.hasSuffix(".journal~") }.filter { !$0.hasPrefix("user-") }
        .map { folder + "/" + $0 }
    }
  }

  /// Reads the texts of `/var/log` that tell of a node; what was rotated away last comes before its successor.
  private func readTexts(withSyslog: Bool) {
    // Where the audit daemon runs, SELinux speaks to it and not to syslog.
    if withSyslog, isFile("/var/log/audit/audit.log") { inputs.readLog("/var/log/audit/audit.log") }
    for name in entries("/var/log") {
      let stem = name.hasSuffix(".1") ? String(name.dropLast(2)) : name
      let isSyslog = stem == "syslog" || stem == "messages" || stem == "kern.log"
      guard name == stem, isSyslog ? withSyslog : name.hasSuffix(".log") && Self.isOfNode(name) else { continue }
      if isSyslog, isFile("/var/log/\(name).1") { inputs.readLog("/var/log/\(name).1") }
      inputs.readLog("/var/log/" + name)
    }
  }

  /// Reads the logs of one container, as many of the newest as the limit allows, oldest first.
  private func readContainer(_ folder: String) {
    var room = NodeLogInputs.sizeLimit
    var chosen: [(path: String, size: Int)] = []
    let files = entries(folder).map { folder + "/" + $0 }.compactMap { path in
      (try? source.status(of: path, followingLinks: true)).map { (path: path, status: $0) }
    }
    for (path, status) in files.sorted(by: { ($0.status.modified, $0.path) > ($1.status.modified, $1.path) }) {
      guard room > 0, chosen.count < 20 else {
        inputs.note("\(folder): older logs were left out")
        break
      }
      chosen.append((path, room))
      room -= status.size
    }
    for (path, limit) in chosen.reversed() { inputs.readLog(path, limit: limit) }
  }

  private func isFile(_ path: String) -> Bool {
    (try? source.status(of: path, followingLinks: true))?.kind == .file
  }

  /// Namespaces of the control plane and of what connects its pods; the logs of others are their owners' affair.
  private static let namespaces: Set<String> = [
    "kube-system", "kube-flannel", "calico-system", "calico-apiserver", "tigera-operator", "cilium",
  ]

  private static func isOfNode(_ name: String) -> Bool {
    ["kube", "containerd", "crio", "docker", "k3s", "rke2"].contains(where: name.hasPrefix)
  }
}
