import Glibc

/// The units whose lines can tell why a node is broken; a live journal holds many more.
///
/// A line that names no unit passes, and so does one whose identifier is known, whatever unit wrote it: a kubelet that
/// was started by hand runs in the scope of a session.
struct JournalUnits {
  /// How the names begin of the components that rules speak of, and of those that set up a node's network, kernel,
  /// clock and firewall.
  private static let beginnings: [StaticString] = [
    "kube", "hyperkube", "containerd", "docker", "cri-docker", "crio", "cri-o", "runc", "crun", "etcd", "k3s", "rke2",
    "microk8s", "snap.microk8s", "k0s", "edgecore", "flannel", "calico", "cilium", "weave", "bird", "kernel", "audit",
    "NetworkManager", "systemd-networkd", "systemd-resolved", "systemd-modules-load", "systemd-sysctl",
    "systemd-journald", "systemd-oomd", "systemd-timesyncd", "systemd-fsck", "systemd-remount-fs", "systemd-udevd",
    "systemd-hostnamed", "chrony", "ntp", "firewalld", "ufw", "nftables", "iptables", "ip6tables", "netfilter",
    "haproxy", "keepalived", "cloud-controller-manager", "setroubleshoot", "multipathd", "iscsi", "rpc-statd",
    "nodeadm", "bootstrap", "earlyoom",
  ]
  private static let memoLimit = 64

  private var memo: [(name: [UInt8], verdict: Bool)] = []

  /// Whether `name`, a unit or an identifier, is one of them.
  mutating func contain(_ name: UnsafeRawBufferPointer) -> Bool {
    for index in memo.indices where Self.isEqual(memo[index].name, name) { return memo[index].verdict }
    let verdict = Self.isWanted(name)
    if memo.count < Self.memoLimit { memo.append((Array(name), verdict)) }
    return verdict
  }

  /// Whether what PID 1 says of the unit `name` is wanted: of the same units, and of what is mounted or swapped on.
  mutating func containSubject(_ name: UnsafeRawBufferPointer) -> Bool {
    name.isEmpty || [".mount", ".swap", ".socket"].contains { name.ends(with: $0) } || contain(name)
  }

  private static func isEqual(_ known: [UInt8], _ name: UnsafeRawBufferPointer) -> Bool {
    guard known.count == name.count, let base = name.baseAddress else { return known.isEmpty && name.isEmpty }
    return known.withUnsafeBytes { bytes in bytes.baseAddress.map { memcmp($0, base, name.count) == 0 } ?? true }
  }

  private static func isWanted(_ name: UnsafeRawBufferPointer) -> Bool {
    // The scopes of containers bear the names of their runtimes.
    if name.ends(with: ".scope") || name.ends(with: ".slice") { return false }
    return beginnings.contains { start in
      guard let base = name.baseAddress, name.count >= start.utf8CodeUnitCount else { return false }
      return memcmp(base, start.utf8Start, start.utf8CodeUnitCount) == 0
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func ends(with text: String) -> Bool {
    count >= text.utf8.count && suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
