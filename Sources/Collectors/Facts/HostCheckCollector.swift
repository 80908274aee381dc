import Model

/// Programs and tables of the host that a node needs.
enum HostCheckCollector: Collector {
  static let name = "host checks"

  static let answers: [(key: String, summary: String)] = [
    ("node.joined", "whether kubeadm init or join has left its files: kubeadm implementation details"),
    (
      "host.missingPrograms", "programs that kubeadm and the kubelet call and the node does not have: kubeadm preflight"
    ),
    ("neighbours.usedPercent", "how full the table of neighbours is, in percent: arp(7), gc_thresh3"),
    ("cgroup.count", "how many control groups of memory there are: proc_cgroups(5)"),
    ("network.forwardingOff", "forwarding that the node needs and the kernel does not do: ip-sysctl.rst"),
    ("cpu.model", "the model name of the processor: proc_cpuinfo(5)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addJoined(to: &collected, source, known)
    addPrograms(to: &collected, source, known)
    addNeighbours(to: &collected, source)
    addForwarding(to: &collected, known)
    collected.answer("cgroup.count", from: "/proc/cgroups") { () throws(ReadError) in
      let line = try source.text(of: "/proc/cgroups").configLines.first { $0.words.first == "memory" }
      return line.flatMap { $0.words.count > 2 ? Double($0.words[2]) : nil }.map { .number($0) }
    }
    collected.answer("cpu.model", from: "/proc/cpuinfo") { () throws(ReadError) in
      let bytes = try source.contents(of: "/proc/cpuinfo", limit: 8 << 20)
      let line = String(decoding: bytes.prefix(16_384), as: UTF8.self).configLines.first {
        $0.text.hasPrefix("model name")
      }
      return line.flatMap { $0.text.split(separator: ":", maxSplits: 1).last }.map { .text(String($0).trimmed) }
    }
    return collected
  }

  private static func addJoined(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "node.joined"
    let files = ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/admin.conf", "/var/lib/kubelet/config.yaml"]
    // Others than kubeadm keep the kubelet's credentials elsewhere.
    let named = KubeletSettings(of: source, known: known).flags["kubeconfig"]?.value ?? ""
    if named.hasPrefix("/"), source.existing(named).value != nil {
      return collected.add(key, bool: true, from: named)
    }
    var unknown: ReadError?
    for file in files {
      switch source.existing(file) {
      case .found: return collected.add(key, bool: true, from: file)
      case .absent: continue
      case .unknown(let error): unknown = error
      }
    }
    if let unknown {
      collected.leaveOpen(key, because: unknown)
    } else {
      collected.add(key, bool: false, from: files[0])
    }
  }

  private static func addPrograms(to collected: inout Collected, _ source: any Source, _ known: KnownFacts) {
    let key = "host.missingPrograms"
    guard known.text("node.distribution") == "kubeadm" else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let all = [
      "mount", "umount", "nsenter", "touch", "ip", "iptables", "modprobe", "conntrack", "ethtool", "tc", "socat",
      "ebtables",
    ]
    var missing: [String] = []
    do throws(ReadError) {
      for name in all where try source.program(name) == nil { missing.append(name) }
    } catch { return collected.leaveOpen(key, because: error) }
    // A folder with hardly any of them was not copied with its programs.
    guard all.count - missing.count >= 5 else { return collected.leaveOpen(key, because: .notCaptured) }
    var needed = ["mount", "nsenter", "ip", "iptables"]
    // kubeadm asks for it up to 1.31.
    if let version = known.filled("kubelet.version"), isVersion(version, olderThan: "1.32") {
      needed.append("conntrack")
    }
    collected.add(key, list: missing.filter(needed.contains), from: "/usr/sbin")
  }

  private static func addForwarding(to collected: inout Collected, _ known: KnownFacts) {
    let key = "network.forwardingOff"
    guard let fact = known["sysctl.ipForward"], let four = known.number("sysctl.ipForward") else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    var off = four == 0 ? ["net.ipv4.ip_forward"] : []
    let usesSix = (known.list("kubelet.nodeIP") ?? []).contains { $0.contains(":") }
    if usesSix, known.number("sysctl.ipv6Forward") == 0 { off.append("net.ipv6.conf.all.forwarding") }
    collected.add(key, list: off, from: fact.source)
  }

  private static func addNeighbours(to collected: inout Collected, _ source: any Source) {
    let key = "neighbours.usedPercent"
    let table = source.procNet("stat/arp_cache")
    guard let text = table.text.value else {
      return collected.leaveOpen(key, because: table.text.error ?? .notCaptured)
    }
    do throws(ReadError) {
      let limit = try source.number(of: "/proc/sys/net/ipv4/neigh/default/gc_thresh3")
      // One line a processor, all with the same first column.
      guard let entries = numberedLines(text).dropFirst().first?.fields.first.flatMap({ UInt32($0, radix: 16) }),
        limit > 0
      else { throw .malformed("\(table.path) has no number of entries") }
      collected.add(key, .number((100 * Double(entries) / limit).rounded()), from: table.path, line: 2)
    } catch { collected.leaveOpen(key, because: { if case .absent = error { .notCaptured } else { error } }()) }
  }
}
