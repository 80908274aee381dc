/// The node logs and the pods' logs that OpenShift's must-gather collects; of the files of a node it holds none.
///
/// - SeeAlso: https://github.com/openshift/must-gather
enum MustGather: ForeignLayout {
  static let name = "must-gather"

  static func nodes(in view: TreeView) -> [CapturedNode] {
    guard view.hasFolder("cluster-scoped-resources") || view.hasFolder("host_service_logs"),
      view.hasFolder("host_service_logs") || view.hasFolder("nodes") || view.hasFolder("namespaces")
    else { return [] }
    var node = CapturedNode()
    for path in view.paths where isLog(path) { node.add(log: view.full(path)) }
    return [node]
  }

  private static func isLog(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    if path.hasPrefix("host_service_logs/") { return true }
    if path.hasPrefix("nodes/") { return name.contains("log") || name == "dmesg" }
    return path.hasPrefix("namespaces/")
      && (name == "events.yaml" || path.contains("/logs/") && name.hasSuffix(".log"))
  }
}
