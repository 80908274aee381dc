/// What Rancher's log collector collects: command output in files without extensions.
///
/// - SeeAlso: https://github.com/rancherlabs/support-tools/tree/master/collection/rancher/v2.x/logs-collector
enum RancherCollection: ForeignLayout {
  static let name = "Rancher log collection"

  private static let copies: [(path: String, entries: [String])] = [
    ("/etc/hosts", ["systeminfo/etchosts"]),
    ("/etc/resolv.conf", ["systeminfo/etcresolvconf"]),
    ("/etc/hostname", ["systeminfo/hostname"]),
    ("/etc/os-release", ["systeminfo/osrelease", "systeminfo/os-release"]),
    ("/etc/fstab", ["systeminfo/fstab", "systeminfo/etcfstab"]),
    ("/proc/swaps", ["systeminfo/procswaps", "systeminfo/swaps"]),
    ("/proc/meminfo", ["systeminfo/meminfo"]),
    ("/proc/cpuinfo", ["systeminfo/cpuinfo"]),
    ("/etc/docker/daemon.json", ["docker/daemon.json", "docker/dockerdaemon.json"]),
    ("/etc/rancher/k3s/config.yaml", ["k3s/config.yaml"]),
    ("/etc/rancher/rke2/config.yaml", ["rke2/config.yaml"]),
  ]

  static func nodes(in view: TreeView) -> [CapturedNode] {
    guard view.hasFolder("systeminfo"), view.hasFolder("systemlogs") || view.hasFolder("journald"),
      view.has("collector-output.log") || view.has("summary.txt") || view.hasFolder("networking")
    else { return [] }
    var node = CapturedNode()
    for (path, entries) in copies { CommandOutput.addCopy(view, entries, as: path, to: &node) }
    CommandOutput.addSysctls(view.text("systeminfo/sysctla"), to: &node)
    CommandOutput.addModules(view.text("systeminfo/lsmod"), to: &node)
    CommandOutput.addKernel(view.text("systeminfo/uname"), to: &node)
    for path in view.paths {
      if path.contains("/pod-manifests/") {
        let name = path.split(separator: "/").last ?? ""
        node.add("/var/lib/rancher/rke2/agent/pod-manifests/" + name, entry: view.full(path))
      } else if path.hasPrefix("networking/cni/") {
        node.add("/etc/cni/net.d/" + path.dropFirst("networking/cni/".count), entry: view.full(path))
      } else if path.hasPrefix("kubeadm/staticpodmanifests/") || path.hasPrefix("kubeadm/manifests/") {
        let name = path.split(separator: "/").last ?? ""
        node.add("/etc/kubernetes/manifests/" + name, entry: view.full(path))
      } else if isLog(path) {
        node.add(log: view.full(path))
      }
    }
    return [node]
  }

  private static func isLog(_ path: String) -> Bool {
    let folders = path.split(separator: "/").dropLast()
    if folders.first == "systemlogs" || folders.first == "journald" { return true }
    let kinds: Set<Substring> = ["podlogs", "agent-logs", "server-logs", "containerlogs"]
    return path == "systeminfo/dmesg" || folders.contains(where: kinds.contains)
  }
}
