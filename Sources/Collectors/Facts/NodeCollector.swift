import Model

/// What kind of Kubernetes node the machine is, if it is one.
enum NodeCollector: Collector {
  static let name = "node"

  static let answers: [(key: String, summary: String)] = [
    ("node.isKubernetes", "Whether a kubelet, a distribution of Kubernetes or kubeadm's folders are there."),
    ("node.distribution", "kubeadm, k3s, rke2, microk8s, k0s or unknown, by the files that each leaves."),
    ("node.role", "control-plane where the node runs an API server, else worker."),
  ]

  /// Files that show a distribution; the first that is there decides.
  private static let marks: [(name: String, paths: [String])] = [
    (
      "rke2",
      [
        "/etc/rancher/rke2", "/var/lib/rancher/rke2", "/usr/local/bin/rke2", "/usr/bin/rke2",
        "/usr/local/lib/systemd/system/rke2-server.service", "/usr/local/lib/systemd/system/rke2-agent.service",
      ]
    ),
    (
      "k3s",
      [
        "/etc/rancher/k3s", "/var/lib/rancher/k3s", "/usr/local/bin/k3s", "/usr/bin/k3s",
        "/etc/systemd/system/k3s.service", "/etc/systemd/system/k3s-agent.service",
      ]
    ),
    (
      "microk8s", ["/var/snap/microk8s", "/snap/microk8s", "/etc/systemd/system/snap.microk8s.daemon-kubelite.service"]
    ),
    (
      "k0s",
      [
        "/etc/k0s", "/var/lib/k0s", "/usr/local/bin/k0s", "/etc/systemd/system/k0scontroller.service",
        "/etc/systemd/system/k0sworker.service",
      ]
    ),
    (
      "kubeadm",
      [
        "/var/lib/kubelet/kubeadm-flags.env", "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", "/etc/kubernetes/admin.conf",
        "/etc/kubernetes/kubelet.conf", "/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/manifests",
        "/etc/kubernetes/pki/ca.crt", "/usr/bin/kubeadm", "/usr/local/bin/kubeadm",
      ]
    ),
    (
      "unknown",
      [
        "/usr/bin/kubelet", "/usr/local/bin/kubelet", "/usr/sbin/kubelet", "/opt/bin/kubelet",
        "/etc/systemd/system/kubelet.service", "/usr/lib/systemd/system/kubelet.service",
        "/lib/systemd/system/kubelet.service", "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/pki",
        "/etc/kubernetes/kubelet",
      ]
    ),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    for (name, paths) in marks {
      guard let path = paths.first(where: { source.has($0) && !isEmptyFolder($0, source) }) else { continue }
      // kubeadm alone makes no node: its package is on many machines that only serve as a hop.
      if name == "kubeadm", path.hasSuffix("/kubeadm"), !hasKubelet(source) { continue }
      collected.add("node.isKubernetes", .bool(true), from: path)
      collected.add("node.distribution", .text(name), from: path)
      role(source, name, &collected)
      return collected
    }
    if let processes = try? Processes(of: source), let process = processes.named("kubelet") {
      collected.add("node.isKubernetes", .bool(true), from: process.path)
      collected.add("node.distribution", .text("unknown"), from: process.path)
      role(source, "unknown", &collected)
      return collected
    }
    do throws(ReadError) {
      _ = try source.exists("/etc/kubernetes")
      collected.add("node.isKubernetes", .bool(false), from: "/etc")
      collected.add("node.distribution", nil, from: "/etc")
      collected.add("node.role", nil, from: "/etc")
    } catch {
      for answer in answers { collected.leaveOpen(answer.key, because: error) }
    }
    return collected
  }

  private static func hasKubelet(_ source: any Source) -> Bool { (marks.last?.paths ?? []).contains(where: source.has) }

  private static func isEmptyFolder(_ path: String, _ source: any Source) -> Bool {
    guard let names = try? source.entries(of: path) else { return false }
    return names.isEmpty
  }

  private static func role(_ source: any Source, _ distribution: String, _ collected: inout Collected) {
    let servers = [
      "/etc/kubernetes/manifests/kube-apiserver.yaml", "/etc/kubernetes/manifests/kube-apiserver.yml",
      "/etc/kubernetes/admin.conf", "/etc/kubernetes/controller-manager.conf", "/var/lib/rancher/k3s/server/tls",
      "/var/lib/rancher/rke2/server/tls", "/etc/systemd/system/k3s.service", "/var/lib/k0s/pki/ca.key",
      "/etc/systemd/system/k0scontroller.service", "/usr/local/lib/systemd/system/rke2-server.service",
    ]
    if let path = servers.first(where: source.has) {
      return collected.add("node.role", .text("control-plane"), from: path)
    }
    collected.answer("node.role", from: "/etc/kubernetes/manifests") { () throws(ReadError) in
      _ = try source.exists("/etc/kubernetes/manifests")
      return .text("worker")
    }
  }
}
