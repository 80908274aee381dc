/// What `kind export logs` writes: a folder for each node with its journals and a copy of its `/var/log`.
///
/// - SeeAlso: https://kind.sigs.k8s.io/docs/user/quick-start/#exporting-cluster-logs
enum KindExport: ForeignLayout {
  static let name = "kind export logs"

  private static let notLogs: Set<Substring> = ["inspect.json", "kubernetes-version.txt", "images.log"]

  static func nodes(in view: TreeView) -> [CapturedNode] {
    var folders: Set<String> = []
    for path in view.paths {
      let parts = path.split(separator: "/")
      guard parts.count == 2, parts[1] == "kubernetes-version.txt" || parts[1] == "journal.log" else { continue }
      folders.insert(String(parts[0]))
    }
    guard view.has("kind-version.txt") || view.has("docker-info.txt") || view.has("podman-info.txt") else { return [] }
    return folders.sorted().map { folder in
      var node = CapturedNode(name: folder)
      let journal = view.size(folder + "/journal.log")
      for path in view.paths(below: folder) {
        let rest = path.dropFirst(folder.count + 1)
        // `containers` are links to `pods`, and the journal holds the logs of its units.
        if rest.hasPrefix("containers/") || notLogs.contains(rest) { continue }
        if rest == "kubelet.log" || rest == "containerd.log", view.size(path) <= journal { continue }
        node.add(log: view.full(path))
      }
      return node
    }
  }
}
