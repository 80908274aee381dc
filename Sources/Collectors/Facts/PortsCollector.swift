import Model

/// Who listens on the ports that a node needs.
///
/// - SeeAlso: proc_pid_net(5), proc_pid_fd(5), https://kubernetes.io/docs/reference/networking/ports-and-protocols/
enum PortsCollector: Collector {
  static let name = "ports"

  static let answers: [(key: String, summary: String)] = [
    ("kubelet.portConflicts", "ports of the kubelet on which another program listens: proc_pid_fd(5)"),
    ("kubeadm.portsInUse", "ports that kubeadm init would need and that are taken, on a node that has not joined"),
  ]

  private static let kubelets: Set<String> = [
    "kubelet", "hyperkube", "k3s", "k3s-server", "k3s-agent", "rke2", "kubelite", "k0s",
  ]

  private struct Listener {
    let port: Int
    let inode: String
  }

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let keys = answers.map(\.key)
    guard known.bool("node.isKubernetes") == true else {
      collected.leaveOpen(keys, because: .notCaptured)
      return collected
    }
    let four = source.procNet("tcp")
    guard let text = four.text.value else {
      collected.leaveOpen(keys, because: four.text.error ?? .notCaptured)
      return collected
    }
    let listeners = parse(text) + parse(source.procNet("tcp6").text.value ?? "")
    addConflicts(to: &collected, source, listeners, four.path)
    guard let joined = known.bool("node.joined") else {
      collected.leaveOpen(keys[1], because: .notCaptured)
      return collected
    }
    let wanted = [6443, 10250, 10257, 10259, 2379, 2380]
    let isOpen = joined || known.text("node.distribution") != "kubeadm"
    let taken =
      isOpen
      ? []
      : wanted.filter { port in
        listeners.contains { listener in
          guard listener.port == port else { return false }
          // A kubelet that waits to join listens there, too.
          if port != 10250 { return true }
          return owner(of: "socket:[\(listener.inode)]", source).map { !kubelets.contains($0) } ?? false
        }
      }
    collected.add(keys[1], list: taken.map { String($0) }, from: four.path)
    return collected
  }

  private static func parse(_ text: String) -> [Listener] {
    numberedLines(text).compactMap { line in
      let fields = line.fields
      guard fields.count >= 10, fields[3] == "0A", let hex = fields[1].split(separator: ":").last,
        let port = Int(hex, radix: 16)
      else { return nil }
      return Listener(port: port, inode: fields[9])
    }
  }

  private static func addConflicts(
    to collected: inout Collected, _ source: any Source, _ listeners: [Listener], _ path: String
  ) {
    let key = "kubelet.portConflicts"
    let suspects = listeners.filter { [10250, 10248, 10255].contains($0.port) }
    if suspects.isEmpty { return collected.add(key, list: [], from: path) }
    var conflicts: [String] = []
    for suspect in suspects {
      // Without its owner, the listener may as well be a kubelet that has just ended.
      guard let owner = owner(of: "socket:[\(suspect.inode)]", source), !kubelets.contains(owner) else { continue }
      conflicts.append("\(suspect.port) (\(owner))")
    }
    collected.add(key, list: conflicts.distinct, from: path)
  }

  /// The name of the process that holds `target` open; kubelets are asked first, because they usually do.
  private static func owner(of target: String, _ source: any Source) -> String? {
    guard let processes = try? Processes(of: source).all else { return nil }
    let ordered = processes.filter { kubelets.contains($0.name) } + processes.filter { !kubelets.contains($0.name) }
    for process in ordered {
      let folder = "/proc/\(process.id)/fd"
      for name in source.names(in: folder).prefix(4096) {
        guard let status = try? source.status(of: "\(folder)/\(name)", followingLinks: false),
          status.target == target
        else { continue }
        return process.name
      }
    }
    return nil
  }
}
