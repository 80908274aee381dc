import Model

/// How full the file systems that matter are. Only a live node can tell.
///
/// - SeeAlso: statvfs(3)
enum DiskUseCollector: Collector {
  static let name = "disk use"

  static let answers: [(key: String, summary: String)] = [
    ("disk.full", "folders whose file system is at least 98 percent full: statvfs(3)"),
    ("disk.inodesFull", "folders whose file system has used at least 98 percent of its inodes: statvfs(3)"),
    ("disk.usedPercentKubelet", "how full the file system of the kubelet's folder is, in percent: df(1)"),
    ("disk.usedPercentRuntime", "how full the file system of the runtime's folder is, in percent: df(1)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let runtime =
      ["crio": "/var/lib/containers", "docker": "/var/lib/docker", "cri-dockerd": "/var/lib/docker"][
        known.text("runtime.name") ?? ""] ?? "/var/lib/containerd"
    var uses: [(path: String, use: FileSystemUse)] = []
    var reason = ReadError.notCaptured
    for path in ["/", "/var/lib/kubelet", runtime, "/var/lib/etcd", "/var/log", "/run", "/tmp"] {
      do throws(ReadError) {
        let answer = try source.answer(to: .fileSystem(path))
        guard let use = FileSystemUse(text: String(decoding: answer, as: UTF8.self)) else { continue }
        uses.append((path, use))
      } catch {
        if case .absent = error { continue }
        reason = error
      }
    }
    if uses.isEmpty {
      for answer in answers { collected.leaveOpen(answer.key, because: reason) }
      return collected
    }
    let full = uses.filter { $0.use.usedPercent >= 98 }.map(\.path)
    let crowded = uses.filter { $0.use.usedInodesPercent >= 98 }.map(\.path)
    collected.add("disk.full", list: full, from: full.first ?? "/")
    collected.add("disk.inodesFull", list: crowded, from: crowded.first ?? "/")
    for (key, path) in [("disk.usedPercentKubelet", "/var/lib/kubelet"), ("disk.usedPercentRuntime", runtime)] {
      if let use = uses.first(where: { $0.path == path })?.use {
        collected.add(key, .number(use.usedPercent.rounded()), from: path)
      } else {
        collected.add(key, nil, from: path)
      }
    }
    return collected
  }
}
