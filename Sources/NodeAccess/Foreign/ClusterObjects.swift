import FoundationEssentials
import Model

/// Turns what the API knows of a cluster into lines of a log: events, conditions of nodes, waiting containers.
enum ClusterObjects {
  private struct List<Item: Decodable>: Decodable { let items: [Item]? }
  private struct Metadata: Decodable { let name: String? }

  private struct Event: Decodable {
    struct Origin: Decodable { let component: String?, host: String? }
    let type: String?, reason: String?, message: String?
    let lastTimestamp: String?, eventTime: String?, firstTimestamp: String?
    let source: Origin?
  }

  private struct Node: Decodable {
    struct Condition: Decodable {
      let type: String?, status: String?, reason: String?, message: String?, lastTransitionTime: String?
    }
    struct Status: Decodable { let conditions: [Condition]? }
    let metadata: Metadata?, status: Status?
  }

  private struct Pod: Decodable {
    struct Detail: Decodable { let reason: String?, message: String? }
    struct State: Decodable { let waiting: Detail?, terminated: Detail? }
    struct Container: Decodable { let state: State?, lastState: State? }
    struct Status: Decodable { let containerStatuses: [Container]?, initContainerStatuses: [Container]? }
    struct Spec: Decodable { let nodeName: String? }
    let spec: Spec?, status: Status?
  }

  /// Gives `node` the lines of the lists of events, nodes and pods below `folder`, in the order of their names.
  static func add(_ view: TreeView, below folder: String, to node: inout CapturedNode) {
    for path in folder.isEmpty ? view.paths[...] : view.paths(below: folder) where path.hasSuffix(".json") {
      guard let read = reader(path) else { continue }
      if let lines = read(view, path) {
        guard !lines.isEmpty else { continue }
        node.events.append(
          CapturedNode.EventText(
            name: view.tree.name + ":" + view.full(path), modified: 0, lines: Array(lines.joined().utf8)))
      } else {
        // Too large or cut: the messages stand in its lines all the same.
        node.add(log: view.full(path))
      }
    }
  }

  /// How to read the list at `path`; nil where it is none of these.
  private static func reader(_ path: String) -> ((TreeView, String) -> [String]?)? {
    let parts = path.split(separator: "/")
    let kind = parts.last.map { $0.dropLast(5) } ?? ""
    let parent = parts.dropLast().last ?? ""
    if kind == "events" || parent == "events" {
      return { CommandOutput.json($0, $1, List<Event>.self).map { ($0.items ?? []).compactMap(line) } }
    }
    if kind == "nodes" {
      return { CommandOutput.json($0, $1, List<Node>.self).map { ($0.items ?? []).flatMap(lines) } }
    }
    if kind == "pods" || parent == "pods" {
      return { CommandOutput.json($0, $1, List<Pod>.self).map { ($0.items ?? []).flatMap(lines) } }
    }
    return nil
  }

  private static func line(_ event: Event) -> String? {
    guard let message = event.message else { return nil }
    let time = event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp
    return line(time, host: event.source?.host, unit: event.source?.component, event.reason, message)
  }

  private static func lines(_ node: Node) -> [String] {
    (node.status?.conditions ?? []).compactMap { condition in
      guard let type = condition.type, let status = condition.status else { return nil }
      // Ready should be true, everything else false.
      guard status != (type == "Ready" ? "True" : "False"), let message = condition.message else { return nil }
      return line(
        condition.lastTransitionTime, host: node.metadata?.name, unit: "kubelet",
        "\(type)=\(status) \(condition.reason ?? "")", message)
    }
  }

  private static func lines(_ pod: Pod) -> [String] {
    let containers = (pod.status?.containerStatuses ?? []) + (pod.status?.initContainerStatuses ?? [])
    return containers.flatMap { [$0.state?.waiting, $0.lastState?.terminated] }.compactMap { detail in
      guard let message = detail?.message else { return nil }
      return line(nil, host: pod.spec?.nodeName, unit: "kubelet", detail?.reason, message)
    }
  }

  /// A line in the form of a journal, so that time, host and unit are recognised.
  private static func line(
    _ time: String?, host: String?, unit: String?, _ reason: String?, _ message: String
  ) -> String {
    let text = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    guard let time, let host, !host.isEmpty, !host.contains(where: \.isWhitespace) else {
      return "\(reason ?? ""): \(text)\n"
    }
    return "\(time) \(host) \(unit ?? "kubelet"): \(reason ?? ""): \(text)\n"
  }
}
