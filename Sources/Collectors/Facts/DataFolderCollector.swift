import Model

/// The folders that the kubelet and the runtime keep their data in, and the table of mounts that they read.
///
/// - SeeAlso: proc_pid_mountinfo(5), mount(8)
enum DataFolderCollector: Collector {
  static let name = "data folders"

  static let answers: [(key: String, summary: String)] = [
    ("disk.unusableFolders", "data folders that are links, noexec or closed to their owner: mount(8)"),
    ("mount.malformedLines", "lines of the table of mounts that the kubelet cannot parse: fstab(5)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addFolders(to: &collected, source, known)
    addLines(to: &collected, source)
    return collected
  }

  private static func addFolders(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "disk.unusableFolders"
    let distribution = known.text("node.distribution") ?? ""
    guard known.bool("node.isKubernetes") == true else { return collected.leaveOpen(key, because: .notCaptured) }
    var folders = ["/var/lib/kubelet"]
    if let runtime = known.text("runtime.name") {
      folders.append(
        ["crio": "/var/lib/containers", "docker": "/var/lib/docker", "cri-dockerd": "/var/lib/docker"][runtime]
          ?? "/var/lib/containerd")
    }
    // These have folders of their own, and links in the usual places.
    if KubeletCollector.embedding.contains(distribution) { folders = [] }
    var faults: [String] = []
    var unknown: ReadError?
    for folder in folders {
      do throws(ReadError) {
        let status = try source.status(of: folder, followingLinks: false)
        if status.kind == .link, folder == "/var/lib/kubelet" { faults.append("\(folder) is a symbolic link") }
        if status.kind == .file { faults.append("\(folder) is a file") }
        if status.kind == .folder, status.mode & 0o700 != 0o700 { faults.append("\(folder) is closed to its owner") }
      } catch {
        if case .absent = error { continue }
        unknown = error
      }
    }
    let table = mounts(source)
    for folder in folders {
      let holder = table?.mounts.filter { folder == $0.point || $0.point == "/" || folder.hasPrefix($0.point + "/") }
        .max { $0.point.utf8.count < $1.point.utf8.count }
      if let holder, holder.options.contains("noexec") { faults.append("\(folder) is mounted noexec") }
    }
    if let unknown, faults.isEmpty { return collected.leaveOpen(key, because: unknown) }
    collected.add(key, list: faults.distinct, from: table?.path ?? folders.first ?? "/var/lib")
  }

  private static func mounts(_ source: any Source) -> (path: String, mounts: [Mount])? {
    for path in ["/proc/1/mountinfo", "/proc/self/mountinfo"] {
      if let text = source.reading(path).value { return (path, Mount.parse(text)) }
    }
    return nil
  }

  /// Each line has six fields; a blank in a path of Windows makes it more.
  private static func addLines(to collected: inout Collected, _ source: any Source) {
    let key = "mount.malformedLines"
    var reason = ReadError.notCaptured
    for path in ["/proc/1/mounts", "/proc/mounts", "/proc/self/mounts"] {
      switch source.reading(path) {
      case .absent: continue
      case .unknown(let error): reason = error
      case .found(let text):
        let wrong = numberedLines(text).filter { !$0.text.isEmpty && $0.fields.count > 6 }
        return collected.add(key, list: wrong.map(\.text), from: path, line: wrong.first?.number)
      }
    }
    collected.leaveOpen(key, because: reason)
  }
}
