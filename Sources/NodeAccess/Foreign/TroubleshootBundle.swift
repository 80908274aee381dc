import Model

/// A support bundle of troubleshoot.sh: `host-collectors/` about the node, `cluster-resources/` about the cluster.
///
/// - SeeAlso: https://troubleshoot.sh/docs/host-collect-analyze/overview/
enum TroubleshootBundle: ForeignLayout {
  static let name = "troubleshoot support bundle"

  private struct HostOS: Decodable {
    let name: String?
    let kernelVersion: String?
  }
  private struct Memory: Decodable { let total: Double? }
  private struct Module: Decodable { let status: String? }

  static func nodes(in view: TreeView) -> [CapturedNode] {
    guard view.hasFolder("host-collectors") || view.hasFolder("cluster-resources"),
      view.has("version.yaml") || view.has("analysis.json") || view.hasFolder("execution-data")
        || view.hasFolder("host-collectors/system")
    else { return [] }
    var node = CapturedNode()
    for path in view.paths { add(path, view, to: &node) }
    addSystem(view, to: &node)
    ClusterObjects.add(view, below: "cluster-resources", to: &node)
    return [node]
  }

  private static func add(_ path: String, _ view: TreeView, to node: inout CapturedNode) {
    let name = path.split(separator: "/").last ?? ""
    let isText = name.hasSuffix(".txt") && !name.hasSuffix("-stderr.txt")
    if path.hasPrefix("host-collectors/journald/"), isText { return node.add(log: view.full(path)) }
    if path.hasPrefix("cluster-resources/pods/logs/"), name.hasSuffix(".log") { return node.add(log: view.full(path)) }
    if path.hasPrefix("host-collectors/dns/"), name == "resolv.conf" {
      return node.add("/etc/resolv.conf", entry: view.full(path))
    }
    if path.hasPrefix("host-collectors/run-host/"), isText {
      return addCommand(String(name.dropLast(4)), path, view, to: &node)
    }
    // Copied files keep their paths below a folder with the collector's name.
    guard path.hasPrefix("host-collectors/"), view.tree.entries[view.full(path)]?.status.kind == .file else { return }
    for top in ["/etc/", "/var/lib/", "/proc/"] {
      guard let found = path.firstRange(of: top) else { continue }
      return node.add(String(path[found.lowerBound...]), entry: view.full(path))
    }
    if path.contains("/var/log/") || name.hasSuffix(".log") { node.add(log: view.full(path)) }
  }

  /// The output of a command, by the name that the shipped collectors give it.
  private static func addCommand(_ name: String, _ path: String, _ view: TreeView, to node: inout CapturedNode) {
    if name.hasPrefix("journalctl") || name.hasPrefix("crictl-logs") || name.contains("dmesg") {
      return node.add(log: view.full(path))
    }
    switch name {
    case "sysctl-all", "sysctl": CommandOutput.addSysctls(view.text(path), to: &node)
    case "lsmod": CommandOutput.addModules(view.text(path), to: &node)
    case "uname": CommandOutput.addKernel(view.text(path), to: &node)
    case "systemctl-cat-kubelet": CommandOutput.addUnitFiles(view.text(path), to: &node)
    case "kubeadm-flags.env": node.add("/var/lib/kubelet/kubeadm-flags.env", entry: view.full(path))
    case "kubelet-config", "kubelet-config.yaml": node.add("/var/lib/kubelet/config.yaml", entry: view.full(path))
    case "containerd-config", "containerd-config.toml":
      node.add("/etc/containerd/config.toml", entry: view.full(path))
    case "swaps", "proc-swaps": node.add("/proc/swaps", entry: view.full(path))
    default: break
    }
  }

  private static func addSystem(_ view: TreeView, to node: inout CapturedNode) {
    let folder = "host-collectors/system/"
    if let host = CommandOutput.json(view, folder + "hostos_info.json", HostOS.self) {
      node.add("/etc/hostname", text: host.name.map { $0 + "\n" })
      node.add("/proc/sys/kernel/osrelease", text: host.kernelVersion.map { $0 + "\n" })
    }
    if let total = CommandOutput.json(view, folder + "memory.json", Memory.self)?.total, total > 0, total < 1e18 {
      node.add("/proc/meminfo", text: "MemTotal: \(Int(total / 1024)) kB\n")
    }
    if let modules = CommandOutput.json(view, folder + "kernel_modules.json", [String: Module].self) {
      let loaded = modules.filter { $0.value.status == "loaded" }.keys.sorted()
      let lines = loaded.filter { !$0.contains(where: \.isWhitespace) }.map { "\($0) 0 0 - Live 0x0\n" }
      if !lines.isEmpty { node.add("/proc/modules", text: lines.joined()) }
    }
    if let sysctls = CommandOutput.json(view, folder + "sysctl.json", [String: String].self) {
      CommandOutput.addSysctls(sysctls.sorted { $0.key < $1.key }.map { "\($0) = \($1)\n" }.joined(), to: &node)
    }
  }
}
