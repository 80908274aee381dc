/// What `kubectl cluster-info dump --output-directory` writes: objects of the API and the logs of pods.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_cluster-info/kubectl_cluster-info_dump/
enum ClusterInfoDump: ForeignLayout {
  static let name = "kubectl cluster-info dump"

  static func nodes(in view: TreeView) -> [CapturedNode] {
    guard view.has("nodes.json") || view.has("nodes.yaml"),
      view.paths.contains(where: {
        $0.hasSuffix("/pods.json") || $0.hasSuffix("/events.json") || $0.hasSuffix("/events.yaml")
          || $0.hasSuffix("/logs.txt")
      })
    else { return [] }
    var node = CapturedNode()
    for path in view.paths where path.hasSuffix("/logs.txt") || path.hasSuffix("/events.yaml") || path == "nodes.yaml" {
      node.add(log: view.full(path))
    }
    ClusterObjects.add(view, below: "", to: &node)
    return [node]
  }
}

/// The same on standard output: the objects as JSON, one after the other, between them the logs of the pods.
enum ClusterInfoText: ForeignText {
  static let name = "kubectl cluster-info dump"

  static func node(in head: Substring) -> CapturedNode? {
    guard head.hasPrefix("{") else { return nil }
    let start = head.prefix(4096)
    return start.contains("\"kind\": \"NodeList\"") ? CapturedNode() : nil
  }
}
