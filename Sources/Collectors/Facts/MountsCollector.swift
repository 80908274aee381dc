import Model

/// Mounted file systems and devices.
///
/// - SeeAlso: proc_pid_mountinfo(5), mount_namespaces(7), kmsg in Documentation/ABI/testing/dev-kmsg
enum MountsCollector: Collector {
  static let name = "mounts"

  static let answers: [(key: String, summary: String)] = [
    ("mount.rootPropagation", "shared or private: how mounts of / spread: mount_namespaces(7)"),
    ("mount.rootIsPrivate", "whether / alone does not spread its mounts, while others do: mount_namespaces(7)"),
    ("disk.readOnly", "mount points of disks that are read-only but should not be: proc_pid_mountinfo(5)"),
    ("devkmsg.exists", "whether /dev/kmsg exists, which the kubelet reads: dev-kmsg"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    // The disk of a node that is off holds a few devices at most; only a running kernel fills the folder.
    if (source.listing("/proc").value ?? []).isEmpty {
      collected.leaveOpen("devkmsg.exists", because: .notCaptured)
    } else {
      collected.addExistence("devkmsg.exists", of: "/dev/kmsg", in: source)
    }
    let keys = ["mount.rootPropagation", "disk.readOnly"]
    var error = ReadError.notCaptured
    for path in ["/proc/1/mountinfo", "/proc/self/mountinfo"] {
      switch source.reading(path) {
      case .absent: continue
      case .unknown(let reason): error = reason
      case .found(let text):
        let mounts = Mount.parse(text)
        guard let root = mounts.last(where: { $0.point == "/" }) else {
          error = .malformed("\(path) has no line for /")
          continue
        }
        let isShared = root.tags.contains { $0.hasPrefix("shared:") }
        collected.add(keys[0], .text(isShared ? "shared" : "private"), from: path, line: root.line)
        let spreads = mounts.contains { $0.tags.contains { $0.hasPrefix("shared:") } }
        collected.add("mount.rootIsPrivate", bool: !isShared && spreads, from: path, line: root.line)
        addReadOnly(keys[1], to: &collected, from: source, mounts: mounts, path: path)
        return collected
      }
    }
    collected.leaveOpen(keys + ["mount.rootIsPrivate"], because: error)
    return collected
  }

  /// A file system that the kernel or a person made read-only. Those that are meant to be are left out: images,
  /// verified roots, entries of fstab(5) with `ro`, and volumes of pods.
  private static func addReadOnly(
    _ key: String, to collected: inout Collected, from source: any Source, mounts: [Mount], path: String
  ) {
    let command = source.reading("/proc/cmdline").value ?? ""
    let isVerified = ["verity", "dm-mod.create", "ostree="].contains { command.contains($0) }
    var intended: Set<String> = []
    for line in numberedLines(source.reading("/etc/fstab").value ?? "") {
      let fields = line.fields
      guard fields.count >= 4, !fields[0].hasPrefix("#") else { continue }
      if fields[3].split(separator: ",").contains("ro") { intended.insert(Mount.unescaped(fields[1])) }
    }
    let types = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs"]
    let outside = [
      "/usr", "/boot", "/snap", "/mnt", "/media", "/run", "/sys", "/proc", "/dev", "/nix", "/efi", "/sysroot",
    ]
    let found = mounts.filter { mount in
      guard mount.superOptions.contains("ro"), types.contains(mount.type), !intended.contains(mount.point) else {
        return false
      }
      if isVerified, mount.point == "/" { return false }
      if mount.point.contains("/pods/") || mount.point.contains("/plugins/kubernetes.io/") { return false }
      return !outside.contains { mount.point == $0 || mount.point.hasPrefix("\($0)/") }
    }
    collected.add(key, list: found.map(\.point).distinct, from: path, line: found.first?.line)
  }
}
