import Model

/// Kernel parameters that Kubernetes depends on.
enum SysctlCollector: Collector {
  static let name = "sysctl"

  private static let parameters: [(key: String, path: String, summary: String)] = [
    ("sysctl.ipForward", "net/ipv4/ip_forward", "Whether IPv4 packets are forwarded; ip(7)."),
    ("sysctl.ipv6Forward", "net/ipv6/conf/all/forwarding", "Whether IPv6 packets are forwarded; ip-sysctl.rst."),
    (
      "sysctl.bridgeNfCallIptables", "net/bridge/bridge-nf-call-iptables",
      "Whether bridged IPv4 traffic passes iptables; needs br_netfilter."
    ),
    (
      "sysctl.bridgeNfCallIp6tables", "net/bridge/bridge-nf-call-ip6tables",
      "Whether bridged IPv6 traffic passes ip6tables; needs br_netfilter."
    ),
    ("sysctl.rpFilterAll", "net/ipv4/conf/all/rp_filter", "Reverse path filter; ip-sysctl.rst."),
    ("sysctl.inotifyInstances", "fs/inotify/max_user_instances", "inotify instances a user may have; inotify(7)."),
    ("sysctl.inotifyWatches", "fs/inotify/max_user_watches", "inotify watches a user may have; inotify(7)."),
    ("sysctl.overcommitMemory", "vm/overcommit_memory", "Memory overcommit; proc_sys_vm(5)."),
    ("sysctl.panic", "kernel/panic", "Seconds until reboot after a panic; proc_sys_kernel(5)."),
    ("sysctl.panicOnOops", "kernel/panic_on_oops", "Whether an oops is a panic; proc_sys_kernel(5)."),
  ]

  static let answers: [(key: String, summary: String)] = parameters.map { ($0.key, $0.summary) }

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    do throws(ReadError) {
      // A copy of /proc that left out /proc/sys says nothing of parameters.
      guard try source.exists("/proc/sys") else { throw .notCaptured }
      for (key, path, _) in parameters {
        let full = "/proc/sys/" + path
        collected.answer(key, from: full) { () throws(ReadError) in .number(try source.number(of: full)) }
      }
    } catch {
      for (key, path, _) in parameters {
        // What a file switches off will be off; what it switches on may still be off, as logs may say.
        if case .notCaptured = error, isOfNetwork(path), let set = configured(path, source), set.value == 0 {
          collected.add(key, .number(set.value), from: set.path, line: set.line)
        } else {
          collected.leaveOpen(key, because: error)
        }
      }
    }
    return collected
  }

  /// What kubeadm and the CNI plugins need, and leave to the administrator.
  private static func isOfNetwork(_ path: String) -> Bool { path.contains("forward") || path.contains("bridge") }

  /// What the files of a disk will set a parameter to at boot: the last of them in the order of their names counts, and
  /// one in /etc hides those of the same name elsewhere.
  ///
  /// - SeeAlso: sysctl.d(5), sysctl(8)
  private static func configured(_ path: String, _ source: any Source) -> (value: Double, path: String, line: Int)? {
    var files: [String: String] = [:]
    for folder in ["/lib/sysctl.d", "/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d"] {
      for name in source.names(in: folder) where name.hasSuffix(".conf") { files[name] = "\(folder)/\(name)" }
    }
    let ordered = files.sorted { $0.key < $1.key }.map(\.value) + ["/etc/sysctl.conf"]
    // Both write the same parameter.
    let names = path == "net/ipv4/ip_forward" ? [path, "net/ipv4/conf/all/forwarding"] : [path]
    var last: (value: Double, path: String, line: Int)?
    for file in ordered.prefix(200) {
      for (key, value, line) in (source.reading(file).value ?? "").assignments {
        let name = key.drop { $0 == "-" }.split(separator: key.contains("/") ? "/" : ".").joined(separator: "/")
        if names.contains(name), let number = Double(value) { last = (number, file, line) }
      }
    }
    return last
  }
}
