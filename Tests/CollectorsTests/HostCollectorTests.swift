import Model
import Testing

@testable import Collectors

private let pem = """
  -----BEGIN CERTIFICATE-----
  MIIBpDCCAUqgAwIBAgIUPckHDZlkHAINtZgloD7Er/OlECIwCgYIKoZIzj0EAwIw
  GTEXMBUGA1UEAwwOa3ViZS1hcGlzZXJ2ZXIwHhcNMjYxMTI1MDcyMzA1WhcNMjcx
  MTI1MDcyMzA1WjAZMRcwFQYDVQQDDA5rdWJlLWFwaXNlcnZlcjBZMBMGByqGSM49
  AgEGCCqGSM49AwEHA0IABJsPFHEj7gvZvqLMjWH9PZl3mZPnkpnUoM1JOpxm/Ovo
  t8ALEX83enreVlXF3ZN0AF+W4cZhSIKxAtL3y0tUCpmjcDBuMB0GA1UdDgQWBBTG
  fmi/QcL5dfUN4SXjGQ9DCoZOwTAfBgNVHSMEGDAWgBTGfmi/QcL5dfUN4SXjGQ9D
  CoZOwTAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCCmt1YmVybmV0ZXOHBAoA
  AAUwCgYIKoZIzj0EAwIDSAAwRQIhAIiv+lexuqBlV6KOD+VZVS7zC6JP47W9WWBv
  WzxkDThnAiBsVjz4FOhcYrvFZlzf9YUFtWVEnc5e7GnXZS2oLg3i1g==
  -----END CERTIFICATE-----
  """

@Suite struct HostCollectorTests {
  @Test func readsACertificate() throws {
    let certificate = try #require(Certificate.all(pem: pem)?.first)
    #expect(certificate.notBefore == 1_795_591_385)
    #expect(certificate.notAfter == 1_795_591_385 + 365 * 86_400)
    #expect(certificate.names == ["kubernetes", "10.0.0.5"])
  }

  @Test func survivesCutCertificates() {
    for count in 0..<certificateBytes.count { #expect(Certificate(der: Array(certificateBytes.prefix(count))) == nil) }
    for index in certificateBytes.indices {
      var bytes = certificateBytes
      bytes[index] ^= 0xff
      _ = Certificate(der: bytes)
    }
    #expect(Certificate.all(pem: "-----BEGIN CERTIFICATE-----\nAAAA\n") == nil)
  }

  private var certificateBytes: [UInt8] { Certificate.all(pem: pem)?.first?.der ?? [] }

  @Test func tellsWhatHasExpired() {
    let source = MemorySource(files: [
      "/etc/kubernetes/pki/apiserver.crt": pem, "/etc/kubernetes/pki/empty.crt": "",
      "/var/lib/kubelet/pki/kubelet.key": "",
      "/etc/kubernetes/kubelet.conf":
        "users:\n- user:\n    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n",
    ])
    let later = CertificatesCollector.collect(
      from: source,
      known: known([
        "node.time": .number(1_795_591_385 + 366 * 86_400), "apiserver.advertiseAddress": .text("10.0.0.6"),
      ]))
    let facts = values(later)
    #expect(facts["cert.expired"] == .list(["/etc/kubernetes/pki/apiserver.crt"]))
    #expect(facts["cert.unreadable"] == .list(["/etc/kubernetes/pki/empty.crt"]))
    #expect(facts["cert.missing"] == .list(["/var/lib/kubelet/pki/kubelet-client-current.pem"]))
    #expect(facts["cert.sanMissing"] == .list(["10.0.0.6"]))
    let timeless = CertificatesCollector.collect(from: source, known: [:])
    #expect(timeless.unknown["cert.expired"] != nil)
  }

  @Test func readsNames() {
    let source = MemorySource(files: [
      "/etc/resolv.conf": "nameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch a.example b.example\n",
      "/etc/hosts": "# 127.0.0.1 localhost\n10.0.0.5 node-1\n", "/etc/nsswitch.conf": "hosts: files dns\n",
    ])
    let facts = values(NamesCollector.collect(from: source, known: known(["node.hostname": .text("node-1")])))
    #expect(facts["dns.nameserverCount"] == .number(2))
    #expect(facts["dns.loopbackNameservers"] == .list(["127.0.0.53"]))
    #expect(facts["hosts.localhostResolves"] == .bool(false))
    #expect(facts["hosts.hostnameResolves"] == .bool(true))
    let other = NamesCollector.collect(from: source, known: known(["node.hostname": .text("node-2")]))
    #expect(other.unknown["hosts.hostnameResolves"] != nil)
    let bare = NamesCollector.collect(
      from: MemorySource(files: ["/etc/hostname": "node-2\n"]), known: known(["node.hostname": .text("node-2")]))
    #expect(bare.unknown["hosts.hostnameResolves"] != nil)
    let open = NamesCollector.collect(from: MemorySource(open: ["/etc"]), known: [:])
    #expect(open.facts.isEmpty)
  }

  @Test func readsPackageSources() {
    let source = MemorySource(files: [
      "/etc/yum.repos.d/nux.repo": "[nux]\nname=x\nbaseurl=http://li.nux.ro/download/\nenabled=1\n",
      "/etc/yum.repos.d/off.repo": "[base]\nmirrorlist=http://mirrorlist.centos.org/?x\nenabled=0\n",
      "/etc/apt/sources.list.d/kubernetes.list":
        "# deb https://x y\ndeb [signed-by=/a b=c] https://apt.kubernetes.io/ kubernetes-xenial main\n",
      "/etc/apt/sources.list.d/k8s.sources":
        "Types: deb\nURIs: https://pkgs.k8s.io/core:/stable:/v1.31/deb/\nSuites: /\n",
    ])
    let time = known(["os.id": .text("centos"), "os.versionId": .text("7"), "node.time": .number(1_800_000_000)])
    let collected = PackagesCollector.collect(from: source, known: time)
    let facts = values(collected)
    #expect(facts["repo.nux"] == .list(["/etc/yum.repos.d/nux.repo"]))
    #expect(facts["repo.centosMirrors"] == .list([]))
    #expect(facts["repo.legacyKubernetes"] == .list(["/etc/apt/sources.list.d/kubernetes.list"]))
    #expect(facts["repo.kubernetesMinor"] == .text("1.31"))
    #expect(facts["os.endOfLife"] == .bool(true))
    #expect(collected.facts.first { $0.key == "repo.nux" }?.line == 3)
    #expect(PackagesCollector.collect(from: MemorySource(open: ["/etc"]), known: [:]).facts.isEmpty)
  }

  @Test func readsMountsAndGuards() {
    let source = MemorySource(files: [
      "/proc/1/mountinfo": """
      22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
      23 22 8:2 / /var/lib rw - ext4 /dev/sda2 ro,errors=remount-ro
      24 22 8:3 / /boot ro - ext4 /dev/sda3 ro
      nonsense - -
      """,
      "/proc/7/comm": "falcon-sensor\n", "/sys/fs/selinux/enforce": "1", "/dev/null": "",
    ])
    let mounts = values(MountsCollector.collect(from: source, known: [:]))
    #expect(mounts["mount.rootPropagation"] == .text("private"))
    #expect(mounts["disk.readOnly"] == .list(["/var/lib"]))
    #expect(mounts["devkmsg.exists"] == .bool(false))
    let guards = values(SecurityCollector.collect(from: source, known: [:]))
    #expect(guards["selinux.mode"] == .text("enforcing"))
    #expect(guards["security.agents"] == .list(["CrowdStrike Falcon (falcon-sensor)"]))
    let dark = MemorySource(open: ["/proc", "/sys", "/etc", "/dev"])
    #expect(MountsCollector.collect(from: dark, known: [:]).facts.isEmpty)
    #expect(SecurityCollector.collect(from: dark, known: [:]).facts.isEmpty)
  }
}
