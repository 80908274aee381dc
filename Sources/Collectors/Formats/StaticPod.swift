import Model
import YAMLTree

/// A file in the folder of static pods.
///
/// - SeeAlso: https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
struct StaticPod: Sendable {
  let path: String
  let root: YAMLNode

  /// A flag of a container's command.
  struct Flag: Sendable, Equatable {
    let name: String
    let value: String
    let line: Int
  }

  /// The name of the pod, and of its first container.
  var names: [String] {
    [root["metadata"]?["name"]?.text, root["spec"]?["containers"]?.items.first?["name"]?.text].compactMap(\.self)
  }

  /// Why the kubelet would refuse it; nil where it would not.
  var fault: String? {
    if root["kind"]?.text == nil { return "has no kind" }
    if root["kind"]?.text != "Pod" { return "is not a Pod" }
    if root["apiVersion"]?.text != "v1" { return "apiVersion is not v1" }
    if root["metadata"]?["name"]?.text == nil { return "has no metadata.name" }
    if root["spec"]?["containers"]?.items.isEmpty ?? true { return "has no containers" }
    return nil
  }

  /// What validation refuses in its containers; their commands tell of the node all the same.
  var containerFault: String? {
    for (index, container) in (root["spec"]?["containers"]?.items ?? []).enumerated() {
      for field in ["name", "image"] where container[field]?.text?.isEmpty ?? true {
        return "spec.containers[\(index)] has no \(field)"
      }
    }
    return nil
  }

  /// The flags of all containers' commands and arguments.
  var flags: [Flag] {
    (root["spec"]?["containers"]?.items ?? []).flatMap { container -> [Flag] in
      let words = (container["command"]?.items ?? []) + (container["args"]?.items ?? [])
      var flags: [Flag] = []
      for (index, word) in words.enumerated() {
        guard let text = word.text, text.hasPrefix("--") else { continue }
        let parts = text.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first else { continue }
        var value = parts.count > 1 ? String(parts[1]) : ""
        if parts.count == 1, index + 1 < words.count, let next = words[index + 1].text, !next.hasPrefix("-") {
          value = next
        }
        flags.append(Flag(name: String(name), value: value, line: word.line))
      }
      return flags
    }
  }

  /// What the folder of static pods holds.
  struct Folder: Sendable {
    let path: String
    var files: [String] = []
    var pods: [StaticPod] = []
    /// `path: reason` of each file that the kubelet would refuse, with the line.
    var invalid: [(text: String, path: String, line: Int?)] = []
    /// Why some file is not known.
    var unread: ReadError?

    /// The pod of a component such as `kube-apiserver`.
    func pod(_ component: String) -> StaticPod? { pods.first { $0.names.contains(component) } }
  }

  /// Where the kubelet looks for static pods.
  static func folderPath(_ known: KnownFacts) -> String {
    if let path = known.filled("kubelet.staticPodPath") { return path }
    return known.filled("node.distribution") == "rke2"
      ? "/var/lib/rancher/rke2/agent/pod-manifests" : "/etc/kubernetes/manifests"
  }

  /// Reads the folder as the kubelet does: every file that does not begin with a dot.
  static func folder(in source: any Source, known: KnownFacts) -> Reading<Folder> {
    let path = folderPath(known)
    let names: [String]
    switch source.listing(path) {
    case .absent: return .absent
    case .unknown(let error): return .unknown(error)
    case .found(let found): names = found
    }
    var folder = Folder(path: path)
    for name in names.prefix(500) where !name.hasPrefix(".") {
      let file = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if let status = source.existing(file).value, status.kind != .file { continue }
      switch source.reading(file) {
      case .absent: continue
      case .unknown(let error): folder.unread = error
      case .found(let text): folder.add(file, text)
      }
    }
    return .found(folder)
  }
}

extension StaticPod.Folder {
  /// Takes in one file.
  fileprivate mutating func add(_ file: String, _ text: String) {
    files.append(file)
    do {
      let pod = StaticPod(path: file, root: try YAMLNode.parse(Array(text.utf8)))
      if let fault = pod.fault ?? pod.containerFault { invalid.append(("\(file): \(fault)", file, nil)) }
      if pod.fault == nil { pods.append(pod) }
    } catch let error as YAMLError {
      // Limits of our own reader say nothing about the kubelet's.
      if ["aliases", "nested", "too many"].contains(where: { error.message.hasPrefix($0) }) {
        unread = .malformed("\(file): \(error)")
      } else {
        invalid.append(("\(file): \(error)", file, error.line))
      }
    } catch {
      unread = .malformed("\(file): unreadable")
    }
  }
}
