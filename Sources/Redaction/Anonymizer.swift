import PublicKeys

/// Replaces names and addresses by stable stand-ins of the same shape: equal stays equal, subnets stay subnets.
///
/// What it replaces: IPv4 and IPv6 addresses and prefixes, MAC addresses, names in domains that are not well-known, and
/// what it was told or has learnt (hostnames, users, machine ids). Used on one thread.
public final class Anonymizer {
  /// What was replaced: stand-in -> original. It is as secret as the originals.
  public private(set) var map: [String: String] = [:]

  /// original -> stand-in.
  var standIns: [String: String] = [:]
  /// Literal names that were told or learnt, in lower case.
  private(set) var names: [String: NameKind] = [:]
  /// The names by their first byte, the longest first.
  private(set) var index: [[Name]] = Array(repeating: [], count: 256)
  /// What became of words with dots, which come again and again.
  var words: [ArraySlice<UInt8>: [UInt8]] = [:]
  let seed: [UInt8]
  let addresses: AddressMap

  enum NameKind { case host, user, machine }
  struct Name { let bytes: [UInt8], text: String, kind: NameKind }

  private func add(_ name: String, _ kind: NameKind) {
    guard names[name] == nil, let first = name.utf8.first, names.count < 100_000 else { return }
    names[name] = kind
    index[Int(first)].append(Name(bytes: Array(name.utf8), text: name, kind: kind))
    index[Int(first)].sort { $0.bytes.count > $1.bytes.count }
    words = [:]
  }

  /// - Parameters:
  ///   - seed: the same seed gives the same stand-ins; random by default.
  ///   - map: the map of an earlier run, whose stand-ins are used again.
  public init(seed: [UInt8]? = nil, map: [String: String] = [:]) {
    var generator = SystemRandomNumberGenerator()
    let kept = map[Self.seedName].flatMap { PublicKeys.Base64.bytes($0.utf8) }
    self.seed = seed ?? kept ?? (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    addresses = AddressMap(seed: self.seed)
    self.map = map
    self.map[Self.seedName] = PublicKeys.Base64.text(self.seed)
    for (standIn, original) in map where standIn != Self.seedName {
      standIns[original] = standIn
      // Addresses are found anew; names were told to the earlier run.
      if standIn.hasPrefix("host-") {
        add(original, .host)
      } else if standIn.hasPrefix("user-") {
        add(original, .user)
      } else if original.utf8.count >= 32, original.utf8.allSatisfy({ $0.isHex || $0 == 45 }) {
        add(original.lowercased(), .machine)
      }
    }
  }

  /// Where the map keeps the seed, so that new addresses fit the old ones.
  private static let seedName = "seed"

  /// Tells the name of a machine, with or without its domain.
  public func add(host: String) {
    let name = host.lowercased()
    guard name.utf8.count >= 3, !WellKnown.hosts.contains(name), AddressText.v4(ArraySlice(name.utf8)) == nil else {
      return
    }
    add(name, .host)
    if let label = name.split(separator: ".").first, name.contains("."), label.utf8.count >= 3,
      !WellKnown.hosts.contains(String(label))
    {
      add(String(label), .host)
    }
  }

  /// Tells the name of a person's account.
  public func add(user: String) {
    let name = user.lowercased()
    if name.utf8.count >= 3, !WellKnown.users.contains(name) { add(name, .user) }
  }

  /// Tells a machine id or product UUID.
  public func add(machineID: String) {
    let id = machineID.lowercased()
    if id.utf8.count >= 16, id.utf8.allSatisfy({ $0.isHex || $0 == 45 }) { add(id, .machine) }
  }

  /// Learns names from files that hold them; they are replaced wherever they occur from then on.
  public func learn(_ bytes: [UInt8], path: String) {
    guard path.hasPrefix("/etc/") || path.hasPrefix("/sys/") || path.contains("/kube") || path.contains("/hostname")
    else { return }
    learnCertificates(bytes)
    let lines = String(decoding: bytes.prefix(1 << 20), as: UTF8.self).split(whereSeparator: \.isNewline)
    let trimmed = lines.first.map { $0.filter { !$0.isWhitespace } } ?? ""
    switch path {
    case _ where path.hasSuffix("/etc/hostname") || path.hasSuffix("/kernel/hostname"): add(host: trimmed)
    case _ where path.hasSuffix("/machine-id") || path.hasSuffix("product_uuid") || path.hasSuffix("product_serial"):
      add(machineID: trimmed)
    case _ where path.hasSuffix("/etc/hosts"):
      for line in lines where !line.hasPrefix("#") {
        for name in line.split(whereSeparator: \.isWhitespace).dropFirst().prefix(32) where !name.hasPrefix("#") {
          add(host: String(name))
        }
      }
    case _ where path.hasSuffix("/etc/passwd"):
      for line in lines {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        if fields.count > 2, let id = Int(fields[2]), id >= 1000, id < 60_000 { add(user: String(fields[0])) }
      }
    default:
      guard path.contains("/kubernetes/") || path.contains("/kubelet") || path.contains("/.kube/") else { return }
      for line in lines {
        let text = line.drop { $0 == " " || $0 == "-" }
        for word in [
          "server: https://", "controlPlaneEndpoint: ", "nodeName: ", "hostnameOverride: ", "- system:node:",
        ]
        where text.hasPrefix(word) {
          let host = text.dropFirst(word.count).prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
          add(host: String(host))
        }
      }
    }
  }

  /// `bytes` with stand-ins for names and addresses; the path tells files of hexadecimal addresses.
  public func anonymize(_ bytes: [UInt8], path: String) -> [UInt8] {
    learn(bytes, path: path)
    if let result = ProcNetText(anonymizer: self).anonymize(bytes, path: path) { return result }
    let bytes = anonymizedCertificates(bytes) ?? bytes
    return bytes.withUnsafeBytes { buffer in
      var writer = AnonymousText(self, Text(buffer))
      return writer.run()
    }
  }

  /// `text` with the originals in the place of the stand-ins.
  public func restore(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { buffer in
      var writer = AnonymousText(self, Text(buffer), restores: true)
      return String(decoding: writer.run(), as: UTF8.self)
    }
  }

  /// Remembers a pair; the same original keeps its first stand-in.
  func remember(_ original: String, _ make: () -> String) -> String {
    if let known = standIns[original] { return known }
    let standIn = make()
    standIns[original] = standIn
    if standIn != original { map[standIn] = original }
    return standIn
  }

  /// `count` bytes that depend on the seed and on `text` alone.
  func keyed(_ text: String, _ purpose: String) -> [UInt8] {
    PublicKeyDigest.digest(seed + Array(purpose.utf8) + [0] + Array(text.utf8))
  }
}

/// Names that tell nothing about anybody.
enum WellKnown {
  static let hosts: Set<String> = [
    "localhost", "localhost.localdomain", "localdomain", "localhost4", "localhost4.localdomain4", "localhost6",
    "localhost6.localdomain6", "node", "master", "worker", "server", "control-plane", "host",
    "kubernetes", "etcd", "kubelet", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters",
    "ip6-localnet", "ip6-mcastprefix", "ip6-allhosts", "kube", "local", "default", "docker", "containerd", "debian",
    "ubuntu", "linux", "cluster", "system", "registry", "agent", "none", "api", "apiserver", "kube-apiserver",
    "gateway",
    "centos", "fedora", "rocky", "proxy", "root", "admin", "test", "log", "pod", "pods", "service", "error", "info",
    "host.minikube.internal", "control-plane.minikube.internal", "kubernetes.default",
  ]
  static let users: Set<String> = [
    "root", "nobody", "daemon", "bin", "sys", "sync", "games", "man", "mail", "news", "www-data", "backup", "user",
    "users",
    "ubuntu", "debian", "admin", "centos", "vagrant", "core", "ec2-user", "kubernetes", "kubelet", "etcd", "docker",
    "test",
    "default", "system", "node", "service", "nobody4", "nfsnobody", "nogroup", "linux", "error", "info",
  ]
  /// Domains of software and clouds that every cluster speaks of.
  static let domains: Set<String> = [
    "k8s.io", "kubernetes.io", "x-k8s.io", "docker.io", "docker.com", "gcr.io", "pkg.dev", "quay.io", "ghcr.io",
    "github.com", "githubusercontent.com", "github.io", "google.com", "googleapis.com", "gstatic.com", "amazonaws.com",
    "azure.com", "azurecr.io", "microsoft.com", "windows.net", "debian.org", "ubuntu.com", "redhat.com", "centos.org",
    "fedoraproject.org", "rockylinux.org", "almalinux.org", "suse.com", "opensuse.org", "archlinux.org", "kernel.org",
    "rancher.io", "rancher.com", "cattle.io", "k3s.io", "rke2.io", "projectcalico.org", "tigera.io", "cilium.io",
    "coreos.com", "istio.io", "containerd.io", "opencontainers.org", "cncf.io", "golang.org", "go.dev", "elastic.co",
    "nvidia.com", "aliyun.com", "aliyuncs.com", "tencentyun.com", "tencentcloudcr.com", "daocloud.io", "openshift.io",
    "letsencrypt.org", "in-addr.arpa", "ip6.arpa", "cluster.local", "grpc.io", "systemd.io", "freedesktop.org",
    "mozilla.org", "w3.org", "ietf.org", "example.com", "example.org", "example.net", "etcd.io", "helm.sh",
    "weave.works",
    "cloudflare.com", "openebs.io", "longhorn.io", "ceph.com", "ceph.io", "fluentd.org", "prometheus.io", "grafana.com",
    "jetstack.io", "cert-manager.io", "metallb.io", "metallb.org", "mirantis.com", "k0sproject.io", "microk8s.io",
    "snapcraft.io", "launchpad.net", "pool.ntp.org", "ntp.org", "cri-o.io", "podman.io", "spdx.dev", "swift.org",
    "localhost.localdomain", "volcano.sh", "kubevirt.io", "knative.dev", "tekton.dev", "argoproj.io", "flannel.com",
    "app.kubernetes.io", "beta.kubernetes.io", "kubernetes.default.svc",
  ]
  /// The last labels of names in domains; endings of files are not among them.
  static let endings: Set<String> = [
    "com", "net", "org", "io", "dev", "cn", "de", "fr", "uk", "us", "eu", "ru", "jp", "kr", "nl", "it", "es", "ch",
    "at",
    "be", "se", "fi", "no", "dk", "cz", "br", "au", "ca", "nz", "mx", "info", "biz", "cloud", "app", "edu", "gov",
    "mil", "int", "local", "lan", "corp", "internal", "intranet", "intra", "home", "private", "localdomain", "arpa",
    "xyz",
    "tech", "online", "site", "top", "tv", "ai", "hk", "tw", "sg", "my", "th", "vn", "id", "ir", "tr", "ua", "gr",
    "pt", "ie", "il", "za", "ar", "cl", "co", "works", "systems", "network", "company", "example", "test", "prod",
    "compute",
  ]
}
