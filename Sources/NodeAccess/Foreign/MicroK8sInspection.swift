/// What `microk8s inspect` and `k8s inspect` collect: a folder for each service of the snap, and its arguments.
///
/// - SeeAlso: https://microk8s.io/docs/troubleshooting
enum MicroK8sInspection: ForeignLayout {
  static let name = "microk8s inspection report"

  static func nodes(in view: TreeView) -> [CapturedNode] {
    let services = ["snap.microk8s.", "snap.k8s.", "k8s."]
    guard
      view.paths.contains(where: { path in services.contains { path.hasPrefix($0) } && path.hasSuffix("/journal.log") })
    else { return [] }
    var node = CapturedNode()
    for path in view.paths {
      if path.hasSuffix("/journal.log") || path.hasPrefix("k8s/"), path.hasSuffix(".log") || path.hasSuffix("logs.txt")
      {
        node.add(log: view.full(path))
      } else if path.hasPrefix("args/") {
        node.add("/var/snap/microk8s/current/" + path, entry: view.full(path))
      }
    }
    CommandOutput.addCopy(view, ["sys/swaps", "sys/proc_swaps"], as: "/proc/swaps", to: &node)
    CommandOutput.addKernel(view.text("sys/uname"), to: &node)
    CommandOutput.addModules(view.text("sys/lsmod"), to: &node)
    ClusterObjects.add(view, below: "k8s/cluster-info-dump", to: &node)
    return [node]
  }
}
