import Model

/// What the node is to others: names, clock, kernel options, and who holds the packages' lock.
///
/// - SeeAlso: RFC 1123, machine-id(5), systemd-timesyncd.service(8), fcntl_locking(2)
enum IdentityCollector: Collector {
  static let name = "identity"

  static let answers: [(key: String, summary: String)] = [
    ("identity.hostnameValid", "whether the kubelet can use the node's name: RFC 1123 subdomain, capitals allowed"),
    ("identity.machineId", "the machine's id: machine-id(5)"),
    ("identity.productUuid", "the id in the firmware: /sys/class/dmi/id/product_uuid"),
    ("time.synchronized", "whether timesyncd set the clock, or the kernel takes it for right: adjtimex(2)"),
    (
      "kernel.missingOptions",
      "options that kubeadm requires and the kernel lacks: kubeadm preflight SystemVerification"
    ),
    ("package.lockHolder", "the package manager that holds a lock file open: apt(8), dnf(8)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    if let fact = known["kubelet.hostnameOverride"], let name = known.filled("kubelet.hostnameOverride") {
      collected.add("identity.hostnameValid", bool: isValid(name), from: fact.source, line: fact.line)
    } else if let fact = known["node.hostname"], let name = known.filled("node.hostname") {
      collected.add("identity.hostnameValid", bool: isValid(name), from: fact.source, line: fact.line)
    } else {
      collected.leaveOpen("identity.hostnameValid", because: .notCaptured)
    }
    for (key, path) in [
      ("identity.machineId", "/etc/machine-id"), ("identity.productUuid", "/sys/class/dmi/id/product_uuid"),
    ] {
      collected.answer(key, from: path) { () throws(ReadError) in .text(try source.text(of: path).trimmed) }
    }
    let stamp = "/run/systemd/timesync/synchronized"
    if source.existing(stamp).value != nil {
      collected.add("time.synchronized", bool: true, from: stamp)
    } else {
      collected.answer("time.synchronized", from: "adjtimex") { () throws(ReadError) in
        .bool(String(decoding: try source.answer(to: .clock), as: UTF8.self) == "synchronized")
      }
    }
    addOptions(to: &collected, from: source, known: known)
    addLockHolder(to: &collected, from: source)
    return collected
  }

  /// The kubelet turns capitals into small letters before it registers.
  static func isValid(_ name: String) -> Bool {
    let bytes = Array(name.lowercased().utf8)
    // The name becomes the label kubernetes.io/hostname, and a label has at most 63 characters.
    guard (1...63).contains(bytes.count) else { return false }
    func isWord(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
    return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.first, let last = label.last else { return false }
      return isWord(first) && isWord(last) && label.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
    }
  }

  /// Each option with its older names, without `CONFIG_`.
  private static let options: [[String]] = [
    ["NAMESPACES"], ["NET_NS"], ["PID_NS"], ["IPC_NS"], ["UTS_NS"], ["CGROUPS"], ["CPUSETS"],
    ["MEMCG", "CGROUP_MEM_RES_CTLR"], ["INET"], ["PROC_FS"], ["FAIR_GROUP_SCHED"], ["CGROUP_PIDS"], ["CGROUP_SCHED"],
    ["NETFILTER_XT_TARGET_REDIRECT", "IP_NF_TARGET_REDIRECT"], ["NETFILTER_XT_MATCH_COMMENT"],
  ]

  private static func addOptions(to collected: inout Collected, from source: any Source, known: KnownFacts) {
    let key = "kernel.missingOptions"
    guard let release = source.reading("/proc/sys/kernel/osrelease").value?.trimmed ?? known.filled("kernel.release"),
      !release.isEmpty, !release.contains("/")
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let paths = [
      "/proc/config.gz", "/boot/config-\(release)", "/lib/modules/\(release)/config",
      "/usr/src/linux-\(release)/.config",
    ]
    for path in paths {
      guard let text = configuration(path, from: source) else { continue }
      var set: Set<Substring> = []
      for line in text.split(separator: "\n") where line.hasPrefix("CONFIG_") {
        let parts = line.dropFirst(7).split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[1] == "y" || parts[1] == "m" { set.insert(parts[0]) }
      }
      if set.isEmpty { continue }
      let missing = options.filter { names in !names.contains { set.contains(Substring($0)) } }
      return collected.add(key, list: missing.compactMap(\.first).map { "CONFIG_\($0)" }, from: path)
    }
    collected.leaveOpen(key, because: .notCaptured)
  }

  private static func configuration(_ path: String, from source: any Source) -> String? {
    guard path.hasSuffix(".gz") else { return source.reading(path).value }
    guard let packed = try? source.contents(of: path, limit: 1 << 20), let bytes = Gzip.unpacked(packed, limit: 4 << 20)
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func addLockHolder(to collected: inout Collected, from source: any Source) {
    let key = "package.lockHolder"
    let managers = [
      "apt", "apt-get", "aptitude", "dpkg", "unattended-upgr", "packagekitd", "yum", "dnf", "rpm", "zypper",
    ]
    let locks = [
      "/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock", "/var/lib/rpm/.rpm.lock",
      "/var/run/yum.pid", "/run/yum.pid", "/run/zypp.pid", "/var/cache/dnf/metadata_lock.pid",
    ]
    let ids = (source.listing("/proc").value ?? []).compactMap { Int($0) }.sorted().prefix(100_000)
    if ids.isEmpty { return collected.leaveOpen(key, because: .notCaptured) }
    var error: ReadError?
    for id in ids {
      guard let name = source.reading("/proc/\(id)/comm").value?.trimmed, managers.contains(name) else { continue }
      let folder = "/proc/\(id)/fd"
      let listing = source.listing(folder)
      if listing.value == nil { error = listing.error ?? .notCaptured }
      for descriptor in (listing.value ?? []).prefix(4096) {
        let path = "\(folder)/\(descriptor)"
        guard let status = try? source.status(of: path, followingLinks: false), let target = status.target,
          locks.contains(target)
        else { continue }
        return collected.add(key, .text(name), from: path)
      }
    }
    if let error { collected.leaveOpen(key, because: error) } else { collected.add(key, nil, from: "/proc") }
  }
}
