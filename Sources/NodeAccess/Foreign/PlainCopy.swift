import Model

/// A copy of `/var/log`, of `/etc` or of more of a node, made by hand with tar, scp or rsync.
enum PlainCopy: ForeignLayout {
  static let name = "copied node files"

  private static let roots: Set<Substring> = [
    "etc", "proc", "sys", "run", "usr", "lib", "lib64", "boot", "var", "opt", "root", "dev", "bin", "sbin", "srv",
    "home",
  ]
  /// Files that every `/etc` holds.
  private static let systemFiles = ["passwd", "group", "hosts", "hostname", "os-release", "nsswitch.conf", "fstab"]
  private static let marks = [
    "etc/kubernetes", "etc/containerd", "etc/cni", "etc/crio", "etc/rancher", "etc/systemd/system", "var/lib/kubelet",
    "var/log/pods", "var/log/journal", "var/log/containers", "var/log/syslog", "var/log/messages", "proc/meminfo",
    "proc/swaps", "proc/mounts", "var/lib/rancher", "var/snap/microk8s",
  ]

  static func nodes(in view: TreeView) -> [CapturedNode] {
    let etc = systemFiles.count { view.has("etc/" + $0) }
    if etc >= 2 || marks.contains(where: { view.has($0) || view.hasFolder($0) }) {
      return [root(view, hasWholeEtc: etc >= 5)]
    }
    let top = systemFiles.count(where: view.has)
    if top >= 3 || view.hasFolder("kubernetes") && view.hasFolder("cni") { return [etcOnly(view, isWhole: top >= 5)] }
    let logs = ["pods", "containers", "journal", "syslog", "messages", "dmesg", "kern.log", "auth.log", "dpkg.log"]
    if logs.count(where: { view.has($0) }) >= 2 { return [logsOnly(view)] }
    return []
  }

  /// The tree stands for `/`. What is no file of a known folder was put beside it, and is a log.
  private static func root(_ view: TreeView, hasWholeEtc: Bool) -> CapturedNode {
    var node = CapturedNode()
    for path in view.paths {
      let top = path.prefix { $0 != "/" }
      let kind = view.tree.entries[view.full(path)]?.status.kind
      if path.hasPrefix("var/log/") || path.hasPrefix("run/log/") || (!roots.contains(top) && kind == .file) {
        node.add(log: view.full(path))
      } else if roots.contains(top), kind != .folder {
        node.add("/" + path, entry: view.full(path))
      }
    }
    if hasWholeEtc { node.wholeFolders.append("/etc") }
    // A whole disk: what such a system cannot be without is there.
    if hasWholeEtc, view.hasFolder("usr/bin"), view.hasFolder("var/lib/dpkg") || view.hasFolder("var/lib/rpm") {
      node.wholeFolders += ["/usr/bin", "/var/lib", "/usr/lib", "/opt"].filter {
        view.hasFolder(String($0.dropFirst()))
      }
    }
    return node
  }

  private static func etcOnly(_ view: TreeView, isWhole: Bool) -> CapturedNode {
    var node = CapturedNode()
    for path in view.paths where view.tree.entries[view.full(path)]?.status.kind != .folder {
      node.add("/etc/" + path, entry: view.full(path))
    }
    if isWhole { node.wholeFolders = ["/etc"] }
    return node
  }

  private static func logsOnly(_ view: TreeView) -> CapturedNode {
    var node = CapturedNode()
    for path in view.paths { node.add(log: view.full(path)) }
    return node
  }
}
