import Model
import YAMLTree

/// Static pods and kubeadm's files that cannot work with the versions and ports of this node.
enum ControlPlaneCheckCollector: Collector {
  static let name = "control plane checks"

  static let answers: [(key: String, summary: String)] = [
    ("controlplane.invalidFlags", "flags of static pods that their versions refuse: kube-apiserver(1) and its kin"),
    ("staticpods.kubeletPorts", "static pods that take a port of the kubelet by hostPort: Pod v1"),
    ("image.retired", "images that are asked from k8s.gcr.io, which never had them: k8s.gcr.io freeze of April 2023"),
    ("kubeconfig.malformedServers", "server addresses in kubeconfigs that are no URLs: kubeconfig v1"),
    ("kubeadm.configFaults", "kubeadm configurations whose version kubeadm does not read: kubeadm API"),
    ("kubeadm.version", "the version of kubeadm's package: dpkg(1), rpm(8)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let packages = InstalledPackages(of: source)
    let version = packages.version("kubeadm")
    if let version {
      collected.add("kubeadm.version", .text(version), from: packages.file)
    } else {
      collected.leaveOpen("kubeadm.version", because: .notCaptured)
    }
    addPods(to: &collected, source, known)
    addServers(to: &collected, known)
    addConfigurations(to: &collected, source, known, version)
    return collected
  }

  private static func addPods(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let keys = ["controlplane.invalidFlags", "staticpods.kubeletPorts"]
    let read = StaticPod.folder(in: source, known: known)
    let images = legacyImages(known)
    if let error = read.error {
      collected.leaveOpen(keys + (images.isEmpty ? ["image.retired"] : []), because: error)
      if !images.isEmpty { collected.add("image.retired", list: images, from: "/etc/containerd/config.toml") }
      return
    }
    let pods = read.value?.pods ?? []
    let path = StaticPod.folderPath(known)
    var refused: [(text: String, path: String, line: Int)] = []
    for pod in pods {
      guard let name = pod.names.last, let version = pod.version else { continue }
      for flag in pod.flags {
        guard let reason = ComponentFlags.fault(of: flag, component: name, version: version) else { continue }
        refused.append(("\(name) \(version): --\(flag.name) \(reason)", pod.path, flag.line))
      }
    }
    let first = refused.first
    collected.add(keys[0], list: refused.map(\.text), from: first?.path ?? path, line: first?.line)
    let taken = pods.filter { pod in
      pod.containers.flatMap { $0["ports"]?.items ?? [] }.contains {
        ["10250", "10248"].contains($0["hostPort"]?.text ?? "") && ($0["protocol"]?.text ?? "TCP") == "TCP"
      }
    }
    collected.add(keys[1], list: taken.map(\.path), from: taken.first?.path ?? path)
    let asked = pods.flatMap { pod in
      pod.containers.compactMap { $0["image"]?.text }.filter(isRetired).map { ($0, pod.path) }
    }
    collected.add("image.retired", list: (asked.map(\.0) + images).distinct, from: asked.first?.1 ?? path)
  }

  private static func legacyImages(_ known: KnownFacts) -> [String] {
    let images = [known.filled("containerd.sandboxImage"), known.filled("crio.pauseImage")]
    return images.compactMap(\.self).filter(isRetired)
  }

  /// Whether an image is asked from k8s.gcr.io, which was frozen before the image was made.
  static func isRetired(_ image: String) -> Bool {
    guard image.hasPrefix("k8s.gcr.io/") || image.hasPrefix("gcr.io/google_containers/"),
      let colon = image.lastIndex(of: ":")
    else { return false }
    let version = String(image[image.index(after: colon)...])
    let name = image[..<colon].split(separator: "/").last.map(String.init) ?? ""
    if name.hasPrefix("kube-") { return !isVersion(version, olderThan: "1.27") }
    return name == "pause" && !isVersion(version, olderThan: "3.10")
  }

  private static func addServers(to collected: inout Collected, _ known: KnownFacts) {
    let key = "kubeconfig.malformedServers"
    guard let fact = known["kubeconfig.servers"], let servers = known.list("kubeconfig.servers") else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let wrong = servers.filter { !isURL($0) }
    collected.add(key, list: wrong, from: fact.source, line: wrong.isEmpty ? nil : fact.line)
  }

  /// Whether client-go could connect to `text`, which may leave out the scheme.
  static func isURL(_ text: String) -> Bool {
    var rest = text[...]
    if let end = text.firstRange(of: "://") {
      guard ["http", "https"].contains(text[..<end.lowerBound].lowercased()) else { return false }
      rest = text[end.upperBound...]
    }
    let authority = rest.prefix { $0 != "/" }
    guard !authority.isEmpty, !rest.contains(where: \.isWhitespace) else { return false }
    var port: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return false }
      let tail = authority[authority.index(after: close)...]
      if tail.isEmpty { return true }
      guard tail.hasPrefix(":") else { return false }
      port = tail.dropFirst()
    } else {
      let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return false }
      port = parts.count == 2 ? parts[1] : nil
    }
    guard let port else { return true }
    return Int(port).map { (1...65535).contains($0) } ?? false
  }

  /// The release that no longer reads a version of kubeadm's configuration, and the first that does.
  private static let versions: [String: (since: String, until: String?)] = [
    "v1alpha1": ("1.0", "1.12"), "v1alpha2": ("1.11", "1.13"), "v1alpha3": ("1.12", "1.15"),
    "v1beta1": ("1.13", "1.20"), "v1beta2": ("1.15", "1.27"), "v1beta3": ("1.22", nil), "v1beta4": ("1.31", nil),
  ]

  private static func addConfigurations(
    to collected: inout Collected, _ source: any Source, _ known: KnownFacts, _ version: String?
  ) {
    let key = "kubeadm.configFaults"
    // What a node that has joined once read no longer matters.
    guard known.bool("node.joined") == false, let version else {
      if known.bool("node.joined") == true { return collected.add(key, list: [], from: "/etc/kubernetes") }
      return collected.leaveOpen(key, because: .notCaptured)
    }
    var faults: [(text: String, path: String, line: Int)] = []
    for folder in ["/etc/kubernetes", "/etc/kubeadm", "/root", "/etc"] {
      let names = source.names(in: folder).filter { name in
        name.contains("kubeadm") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".conf"))
      }
      for name in names.prefix(50) {
        let path = "\(folder)/\(name)"
        guard let text = source.reading(path).value else { continue }
        guard let documents = try? YAMLNode.parseAll(Array(text.utf8), limit: 20) else {
          faults.append(("\(path): is no YAML", path, 1))
          continue
        }
        for document in documents {
          guard let node = document["apiVersion"], let api = node.text, api.hasPrefix("kubeadm.k8s.io/") else {
            continue
          }
          guard let range = versions[String(api.dropFirst(15))] else {
            faults.append(("\(path): there is no \(api)", path, node.line))
            continue
          }
          let isTooNew = isVersion(version, olderThan: range.since)
          let isTooOld = range.until.map { !isVersion(version, olderThan: $0) } ?? false
          if isTooNew || isTooOld {
            faults.append(("\(path): kubeadm \(version) does not read \(api)", path, node.line))
          }
        }
      }
    }
    collected.add(
      key, list: faults.map(\.text), from: faults.first?.path ?? "/etc/kubernetes", line: faults.first?.line)
  }
}
