import Model

/// What `sos report` collects, as it is or after `sos clean`: copied files under their own paths, the output of
/// commands under `sos_commands/PLUGIN/COMMAND`. Logs are tails, and every plugin picks its files.
///
/// - SeeAlso: https://github.com/sosreport/sos, sos-report(1)
enum SosReport: ForeignLayout {
  static let name = "sos report"

  private static let copied: Set<Substring> = [
    "etc", "proc", "sys", "run", "usr", "lib", "lib64", "boot", "var", "opt", "root", "dev", "bin", "sbin",
  ]
  /// Commands whose output is a log.
  private static let logCommands = [
    "journalctl_", "dmesg", "kubectl_logs", "crictl_logs", "podman_logs", "docker_logs",
  ]

  static func nodes(in view: TreeView) -> [CapturedNode] {
    guard view.hasFolder("sos_commands"), view.hasFolder("sos_reports") || view.has("version.txt") else { return [] }
    var node = CapturedNode()
    for path in view.paths {
      let top = path.prefix { $0 != "/" }
      if path.hasPrefix("var/log/") || top == "sos_strings" {
        node.add(log: view.full(path))
      } else if top == "sos_commands" {
        if isLog(path, view) { node.add(log: view.full(path)) }
      } else if copied.contains(top), top != path || view.tree.entries[view.full(path)]?.status.kind == .link,
        view.tree.entries[view.full(path)]?.status.kind != .folder
      {
        node.add("/" + path, entry: view.full(path))
      }
    }
    let commands = "sos_commands/"
    CommandOutput.addSysctls(view.text(commands + "kernel/sysctl_-a"), to: &node)
    CommandOutput.addModules(view.text(commands + "kernel/lsmod"), to: &node)
    CommandOutput.addKernel(view.text(commands + "kernel/uname_-a"), to: &node)
    CommandOutput.addCopy(
      view, [commands + "containerd/containerd_config_dump"], as: "/etc/containerd/config.toml", to: &node)
    return [node]
  }

  private static func isLog(_ path: String, _ view: TreeView) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    if name.hasPrefix("journalctl_"), name.contains("--list-boots") || name.contains("--disk-usage") { return false }
    if path.contains("/cluster-info/") || path.contains("/pods/") || path.contains("/logs/"), name.hasSuffix(".txt") {
      return true
    }
    guard logCommands.contains(where: { name.hasPrefix($0) }) else { return false }
    // The journal of this boot holds what the journals of its units hold.
    guard name.contains("--unit_") else { return true }
    let boot = ["sos_commands/logs/journalctl_--no-pager_--boot", "sos_commands/logs/journalctl_--no-pager"]
    return !boot.contains { holdsUnits($0, view) && view.size($0) > 2 * view.size(path) }
  }

  /// Whether a journal is there that was not cut to the last part of it.
  private static func holdsUnits(_ path: String, _ view: TreeView) -> Bool {
    view.has(path) && view.size(path) < 90 << 20
  }
}
