/// What the EKS log collector and the node monitoring agent of EKS collect: flat folders of command output.
///
/// - SeeAlso: https://github.com/awslabs/amazon-eks-ami/tree/main/log-collector-script/linux
enum EKSLogBundle: ForeignLayout {
  static let name = "EKS log bundle"

  /// The node's files and where the collector puts them; the first that is there counts.
  private static let copies: [(path: String, entries: [String])] = [
    ("/etc/kubernetes/kubelet/config.json", ["kubelet/config.json", "kubelet/kubelet-config.json"]),
    ("/var/lib/kubelet/config.yaml", ["kubelet/config.json", "kubelet/kubelet-config.json"]),
    ("/var/lib/kubelet/kubeconfig", ["kubelet/kubeconfig.yaml"]),
    ("/etc/containerd/config.toml", ["containerd/containerd-config.txt"]),
    ("/etc/resolv.conf", ["networking/resolv.conf"]),
    ("/etc/fstab", ["storage/fstab.txt"]),
    ("/etc/docker/daemon.json", ["docker/docker-daemon.json", "docker/daemon.json"]),
  ]

  static func nodes(in view: TreeView) -> [CapturedNode] {
    let marks = [
      "kubelet/kubelet.log", "kubelet/kubelet_service.txt", "containerd/containerd-config.txt",
      "containerd/containerd-log.txt", "sysctls/sysctl_all.txt", "networking/iptables-save.txt", "system/services.txt",
      "system/instance-id.txt", "kernel/uname.txt", "kernel/dmesg.current", "storage/mounts.txt",
    ]
    guard marks.count(where: view.has) >= 2 else { return [] }
    var node = CapturedNode()
    for (path, entries) in copies { CommandOutput.addCopy(view, entries, as: path, to: &node) }
    for path in view.paths(below: "kubelet/config.json.d") {
      node.add("/etc/kubernetes/kubelet/" + path.dropFirst("kubelet/".count), entry: view.full(path))
    }
    for path in view.paths(below: "cni") where path.hasSuffix(".conf") || path.hasSuffix(".conflist") {
      node.add("/etc/cni/net.d/" + (path.split(separator: "/").last ?? ""), entry: view.full(path))
    }
    CommandOutput.addUnitFiles(view.text("kubelet/kubelet_service.txt"), to: &node)
    CommandOutput.addSysctls(view.text("sysctls/sysctl_all.txt"), to: &node)
    CommandOutput.addKernel(view.text("kernel/uname.txt"), to: &node)
    for path in view.paths where isLog(path) { node.add(log: view.full(path)) }
    return [node]
  }

  private static func isLog(_ path: String) -> Bool {
    if path.hasPrefix("var_log/") || path.hasPrefix("kernel/dmesg") || path.hasSuffix(".log") {
      return !path.hasSuffix(".stacks.log")
    }
    return path == "containerd/containerd-log.txt" || path == "docker/docker-log.txt"
  }
}
