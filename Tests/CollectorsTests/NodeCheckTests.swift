import Model
import Testing
import YAMLTree

@testable import Collectors

@Suite struct RuntimeEndpointTests {
  private func collect(_ facts: [String: FactValue], _ source: MemorySource = MemorySource()) -> Collected {
    RuntimeEndpointCollector.collect(from: source, known: known(facts))
  }

  @Test func isSilentOfARuntimeThatListens() {
    let facts = values(
      collect([
        "runtime.endpoint": .text("/run/containerd/containerd.sock"), "runtime.endpointListening": .bool(true),
        "runtime.name": .text("containerd"),
      ]))
    #expect(facts["runtime.misdirected"] == .some(nil))
    #expect(facts["runtime.down"] == .some(nil))
  }

  @Test func tellsADeadRuntimeFromAWrongSocket() {
    let base: [String: FactValue] = [
      "runtime.endpoint": .text("/run/containerd/containerd.sock"), "runtime.endpointListening": .bool(false),
      "runtime.name": .text("containerd"), "containerd.installed": .bool(true),
    ]
    #expect(values(collect(base))["runtime.down"] == .text("containerd"))
    let other = base.merging([
      "containerd.installed": .bool(false), "crio.installed": .bool(true),
      "runtime.listeningSockets": .list(["/run/crio/crio.sock"]),
    ]) { $1 }
    let facts = values(collect(other))
    #expect(facts["runtime.down"] == .some(nil))
    #expect(facts["runtime.misdirected"].flatMap { $0?.text.contains("crio") } == true)
  }

  @Test func leavesOpenWhatItCannotKnow() {
    let open = collect(["runtime.endpoint": .text("/run/crio/crio.sock"), "runtime.name": .text("crio")])
    #expect(open.unknown["runtime.down"] != nil)
    #expect(collect([:]).unknown["runtime.misdirected"] != nil)
  }

  @Test func takesAClosedFileOfCrictlForUnknown() {
    let closed = MemorySource(open: ["/etc"])
    #expect(collect([:], closed).unknown["crictl.endpointWrong"] != nil)
    let wrong = MemorySource(files: ["/etc/crictl.yaml": "runtime-endpoint: unix:///run/crio/crio.sock\n"])
    let facts = values(collect(["runtime.endpoint": .text("/run/containerd/containerd.sock")], wrong))
    #expect(facts["crictl.endpointWrong"] == .text("unix:///run/crio/crio.sock"))
    let broken = MemorySource(files: ["/etc/crictl.yaml": "\t{"])
    #expect(values(collect([:], broken))["crictl.endpointWrong"] == .some(nil))
  }
}

@Suite struct KubeletSchemaTests {
  @Test(arguments: [
    ("maxPods: many", "maxPods"), ("failSwapOn: \"yes\"", "failSwapOn"), ("clusterDNS: 10.96.0.10", "clusterDNS"),
    ("cgroupDriver: system", "cgroupDriver"), ("syncFrequency: 10", "syncFrequency"),
    ("evictionHard:\n  memory.available: 100", "evictionHard"), ("featureGates:\n  NodeSwap: maybe", "featureGates"),
    ("imageGCHighThresholdPercent: 70\nimageGCLowThresholdPercent: 80", "imageGC"),
    ("memorySwap:\n  swapBehavior: Always", "swapBehavior"), ("readOnlyPort: 70000", "readOnlyPort"),
  ]) func refuses(_ text: String, _ word: String) throws {
    let fault = KubeletSchema.fault(of: try YAMLNode.parse(Array(text.utf8)))
    #expect(fault?.contains(word) == true)
  }

  @Test(arguments: [
    "maxPods: 110", "failSwapOn: false", "clusterDNS: [10.96.0.10]", "cgroupDriver: \"\"", "syncFrequency: 1m30s",
    "evictionHard:\n  memory.available: \"100\"", "evictionHard:\n  nodefs.available: 10%", "unknownField: 3",
    "maxPods:", "imageMinimumGCAge: 0s", "memorySwap: {}", "cpuCFSQuotaPeriod: 100ms",
  ]) func takes(_ text: String) throws {
    #expect(KubeletSchema.fault(of: try YAMLNode.parse(Array(text.utf8))) == nil)
  }

  @Test(arguments: [
    ("512Mi", 536_870_912), ("1.5Gi", 1_610_612_736), ("100m", 0.1), ("2", 2), ("1k", 1000), ("1e3", 1000),
  ]) func readsQuantities(_ text: String, _ value: Double) { #expect(Quantity.value(text) == value) }

  @Test(arguments: ["", "Mi", "1Xi", "one", "nan", "inf"]) func refusesQuantities(_ text: String) {
    #expect(Quantity.value(text) == nil)
  }
}

@Suite struct RemovedSettingsTests {
  private func flag(_ name: String, _ value: String = "") -> Flags.Flag {
    Flags.Flag(name: name, value: value, file: "unit", line: 1)
  }

  @Test func knowsWhichFlagsAreGone() {
    #expect(KubeletFlags.isRefused(flag("container-runtime", "remote"), by: "1.27.1") == true)
    #expect(KubeletFlags.isRefused(flag("container-runtime", "remote"), by: "1.26.9") == false)
    #expect(KubeletFlags.isRefused(flag("container-runtime", "remote"), by: nil) == nil)
    #expect(KubeletFlags.isRefused(flag("node-lables"), by: nil) == true)
    #expect(KubeletFlags.isRefused(flag("network-plugin", "cni"), by: "1.30.0") == false)
    #expect(KubeletFlags.isDockershim(flag("container-runtime", "docker")))
    #expect(!KubeletFlags.isDockershim(flag("container-runtime", "remote")))
  }

  @Test func knowsWhichGatesAreGone() {
    #expect(FeatureGates.unknown(["CSIMigration=true", "NodeSwap=true"], in: "1.28.0") == ["CSIMigration=true"])
    #expect(FeatureGates.unknown(["CSIMigration=true"], in: "1.26.0").isEmpty)
    #expect(FeatureGates.unknown([""], in: "1.28.0").isEmpty)
  }

  @Test(arguments: [
    ("kube-apiserver", "insecure-port", "0", "1.24.0", true), ("kube-apiserver", "insecure-port", "0", "1.23.9", false),
    ("kube-apiserver", "enable-admission-plugins", "NodeRestriction,PodSecurityPolicy", "1.25.0", true),
    ("kube-apiserver", "authorization-mode", "Node,RBACC", "1.31.0", true),
    ("kube-apiserver", "service-cluster-ip-range", "10.96.0.0/12,fd00::/112", "1.31.0", false),
    ("kube-scheduler", "port", "0", "1.31.0", true), ("kube-scheduler", "logtostderr", "true", "1.26.0", true),
    ("etcd", "logtostderr", "true", "3.5.15", false), ("kube-vip", "port", "0", "1.31.0", false),
  ]) func judgesFlagsOfTheControlPlane(
    _ component: String, _ name: String, _ value: String, _ version: String, _ isFault: Bool
  ) {
    let flag = StaticPod.Flag(name: name, value: value, line: 1)
    #expect((ComponentFlags.fault(of: flag, component: component, version: version) != nil) == isFault)
  }

  @Test(arguments: [
    "https://192.0.2.1:6443", "192.0.2.1:6443", "https://[2001:db8::1]:6443", "https://lb.example.com",
    "https://lb.example.com/k8s/clusters/c-1",
  ]) func takesServers(_ text: String) { #expect(ControlPlaneCheckCollector.isURL(text)) }

  @Test(arguments: [
    "https://192.0.2.1:6443:6443", "https://", "https://192.0.2.1:70000", "https://192.0.2.1:", "ftp://192.0.2.1",
    "https:// 192.0.2.1", "",
  ]) func refusesServers(_ text: String) { #expect(!ControlPlaneCheckCollector.isURL(text)) }

  @Test(arguments: [
    ("k8s.gcr.io/kube-proxy:v1.27.0", true), ("k8s.gcr.io/kube-proxy:v1.26.1", false), ("k8s.gcr.io/pause:3.6", false),
    ("k8s.gcr.io/pause:3.10", true), ("registry.k8s.io/pause:3.10", false), ("k8s.gcr.io/pause", false),
  ]) func knowsRetiredImages(_ image: String, _ isRetired: Bool) {
    #expect(ControlPlaneCheckCollector.isRetired(image) == isRetired)
  }
}

@Suite struct HostCheckTests {
  @Test func aFewProcessFoldersSayNothing() throws {
    let kernel = MemorySource(files: ["/proc/1/comm": "systemd\n", "/proc/1/cmdline": "/sbin/init\0"])
    #expect(throws: ReadError.self) { _ = try Processes(of: kernel) }
    let whole = MemorySource(files: ["/proc/1/comm": "systemd\n", "/proc/700/cmdline": "/usr/bin/containerd\0"])
    #expect(try Processes(of: whole).named("containerd")?.id == 700)
  }

  @Test func findsTheOwnerOfAPort() {
    let row = "   0: 00000000:280A 00000000:0000 0A 0:0 0:0 0 0 0 21001 1\n"
    let source = MemorySource(files: ["/proc/1/net/tcp": "sl\n" + row, "/proc/700/cmdline": "/usr/bin/containerd\0"])
    let facts: [String: FactValue] = ["node.isKubernetes": .bool(true), "node.joined": .bool(true)]
    // Nobody says whose it is.
    let open = values(PortsCollector.collect(from: source, known: known(facts)))
    #expect(open["kubelet.portConflicts"] == .list([]))
    #expect(PortsCollector.collect(from: MemorySource(open: ["/proc"]), known: known(facts)).facts.isEmpty)
    let free = facts.merging(["node.joined": .bool(false), "node.distribution": .text("kubeadm")]) { $1 }
    let taken = MemorySource(files: ["/proc/1/net/tcp": row.replacing("280A", with: "192B")])
    let answer = values(PortsCollector.collect(from: taken, known: known(free)))
    #expect(answer["kubeadm.portsInUse"] == .list(["6443"]))
  }

  private let worker: [String: FactValue] = [
    "node.isKubernetes": .bool(true), "node.role": .text("worker"), "firewall.firewalldActive": .bool(true),
  ]

  @Test(arguments: [
    ("<service name=\"ssh\"/>", ["10250"]), ("<port port=\"10250\" protocol=\"tcp\"/>", []),
    ("<port protocol='tcp' port='10250-10260'/>", []), ("<port port=\"10250\" protocol=\"udp\"/>", ["10250"]),
    ("<service name=\"kubelet\"/>", []), ("<source address=\"192.0.2.0/24\"/>", []), ("<<<", ["10250"]),
  ]) func readsZones(_ zone: String, _ closed: [String]) {
    let source = MemorySource(files: [
      "/etc/firewalld/firewalld.conf": "DefaultZone=public\n",
      "/etc/firewalld/zones/public.xml": "<zone>\(zone)</zone>",
    ])
    let facts = values(FirewallCollector.collect(from: source, known: known(worker)))
    #expect(facts["firewall.closedPorts"] == .list(closed))
  }

  private static let nft = """
    table inet filter {
      chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif "lo" accept
        tcp dport { 22, 6443 } accept
      }
    }
    """
  private static let legacy = """
    *filter
    :INPUT ACCEPT [0:0]
    -A INPUT -j KUBE-FIREWALL
    -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
    -A INPUT -j REJECT --reject-with icmp-host-prohibited
    COMMIT
    """

  @Test(arguments: [
    (nft, legacy, ["10250"], "nft --stateless list ruleset"), ("", legacy, ["10250"], "iptables-legacy-save"),
    (nft.replacing("6443", with: "10250"), "", [], "nft --stateless list ruleset"),
    ("table ip filter {\n}\n", "", [], "nft --stateless list ruleset"),
  ])
  func asksTheKernelForItsRules(nft: String, legacy: String, closed: [String], origin: String) {
    var source = MemorySource(files: [
      "/proc/modules": "nf_tables 1 0 - Live 0x0\n", "/proc/net/ip_tables_names": "nat\nfilter\n",
    ])
    if !nft.isEmpty { source.answers[.command(.nftRules)] = Array(nft.utf8) }
    if !legacy.isEmpty { source.answers[.command(.legacyRules)] = Array(legacy.utf8) }
    var node = worker
    node["firewall.firewalldActive"] = .bool(false)
    let found = FirewallCollector.collect(from: source, known: known(node)).facts
    #expect(found.first { $0.key == "firewall.closedPorts" }?.value == .list(closed))
    #expect(found.first { $0.key == "firewall.closedPorts" }?.source == origin)
    // Asking would load the modules.
    source.files = ["/proc/modules": "x 1 0 - Live 0x0\n", "/proc/net/ip_tables_names": "nat\n"]
    let other = FirewallCollector.collect(from: source, known: known(node)).facts
    #expect(other.first { $0.key == "firewall.closedPorts" }?.source == "/etc")
  }

  @Test func leavesTheFirewallOpenWhereNothingIsKnown() {
    let collected = FirewallCollector.collect(from: MemorySource(open: ["/etc"]), known: known(worker))
    #expect(collected.facts.isEmpty)
    #expect(FirewallCollector.collect(from: MemorySource(), known: known([:])).facts.isEmpty)
  }

  @Test func readsMountsOfDataFolders() {
    let line = "130 29 8:16 / /var/lib/containerd rw,noexec - ext4 /dev/sdb rw\n"
    let source = MemorySource(
      files: ["/proc/1/mountinfo": line, "/proc/1/mounts": "C:\\134 Files /host 9p rw 0 0\n", "/var/lib/kubelet/x": ""])
    let facts: [String: FactValue] = ["node.isKubernetes": .bool(true), "runtime.name": .text("containerd")]
    let found = values(DataFolderCollector.collect(from: source, known: known(facts)))
    #expect(found["disk.unusableFolders"] == .list(["/var/lib/containerd is mounted noexec"]))
    #expect(found["mount.malformedLines"] == .list(["C:\\134 Files /host 9p rw 0 0"]))
    let closed = DataFolderCollector.collect(from: MemorySource(open: ["/proc", "/var"]), known: known(facts))
    #expect(closed.facts.isEmpty)
  }

  @Test func asksALiveNodeForItsDisks() {
    let use = FileSystemUse(totalBytes: 100, availableBytes: 1, usedBytes: 99, totalInodes: 10, freeInodes: 9)
    let source = MemorySource(answers: [.fileSystem("/"): Array(use.text.utf8)], silence: .absent)
    let facts = values(DiskUseCollector.collect(from: source, known: known([:])))
    #expect(facts["disk.full"] == .list(["/"]))
    #expect(facts["disk.inodesFull"] == .list([]))
    #expect(DiskUseCollector.collect(from: MemorySource(), known: known([:])).facts.isEmpty)
    let denied = DiskUseCollector.collect(from: MemorySource(silence: .denied), known: known([:]))
    #expect(denied.unknown.count == DiskUseCollector.answers.count)
  }

  @Test func asksSystemdForRestarts() {
    let output = "Id=kubelet.service\nLoadState=loaded\nActiveState=activating\nNRestarts=12\n"
    let booted: Set<String> = ["/run/systemd/system"]
    let source = MemorySource(
      folders: booted, answers: [.command(.unitStates(["kubelet.service"])): Array(output.utf8)])
    let facts = values(UnitStatesCollector.collect(from: source, known: known([:])))
    #expect(facts["kubelet.restarts"] == .number(12))
    #expect(facts["kubelet.activeState"] == .text("activating"))
    let gone = MemorySource(
      folders: booted, answers: [.command(.unitStates(["kubelet.service"])): Array("LoadState=not-found".utf8)])
    #expect(values(UnitStatesCollector.collect(from: gone, known: known([:])))["kubelet.restarts"] == .some(nil))
    let without = UnitStatesCollector.collect(from: MemorySource(folders: ["/run"]), known: known([:]))
    #expect(without.facts.isEmpty)
  }

  @Test func readsKeysOfRepositories() {
    let list = PackageSource.oneLine("deb [arch=amd64 signed-by=/etc/apt/keyrings/k.gpg] https://pkgs.k8s.io/x/ /\n")
    #expect(list.first?.keys == ["/etc/apt/keyrings/k.gpg"])
    let repo = PackageSource.repo("[a]\nbaseurl=https://a.example/\ngpgcheck=1\ngpgkey=file:///etc/pki/a https://b/c\n")
    #expect(repo.first?.keys == ["/etc/pki/a"])
    #expect(PackageSource.repo("[a]\nbaseurl=http://a/\ngpgcheck=0\ngpgkey=file:///etc/a\n").first?.keys == [])
    #expect(PackageSource.isArchived("http://deb.debian.org/debian buster main"))
    #expect(PackageSource.isArchived("http://security.debian.org/debian-security buster/updates main"))
    #expect(!PackageSource.isArchived("http://archive.debian.org/debian buster main"))
    #expect(!PackageSource.isArchived("http://deb.debian.org/debian bookworm main"))
  }
}

@Suite struct KubeletCheckTests {
  private func collect(_ files: [String: String], _ facts: [String: FactValue]) -> Collected {
    KubeletCheckCollector.collect(from: MemorySource(files: files), known: known(facts))
  }

  private let config = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
  private let path = "/var/lib/kubelet/config.yaml"

  @Test func comparesWhatIsReservedWithTheNode() {
    let files = [path: config + "systemReserved:\n  memory: 3Gi\nkubeReserved:\n  memory: 2Gi\n"]
    let small: [String: FactValue] = ["memory.totalBytes": .number(4_294_967_296), "cpu.count": .number(2)]
    #expect(values(collect(files, small))["kubelet.reservedFault"].flatMap { $0?.text.contains("memory") } == true)
    let large: [String: FactValue] = ["memory.totalBytes": .number(8_589_934_592), "cpu.count": .number(2)]
    #expect(values(collect(files, large))["kubelet.reservedFault"] == .some(nil))
    #expect(collect(files, [:]).unknown["kubelet.reservedFault"] != nil)
    let unnamed = [path: config + "enforceNodeAllocatable: [pods, kube-reserved]\n"]
    #expect(values(collect(unnamed, large))["kubelet.reservedFault"] != .some(nil))
  }

  @Test func comparesStateFilesWithThePolicy() {
    let state = "/var/lib/kubelet/cpu_manager_state"
    func stale(_ text: String, _ policy: String) -> FactValue? {
      values(collect([path: config + policy, state: text], [:]))["kubelet.staleCheckpoints"].flatMap { $0 }
    }
    #expect(stale("{\"policyName\":\"none\"}", "") == .list([]))
    #expect(stale("{\"policyName\":\"none\"}", "cpuManagerPolicy: static\n") == .list([state]))
    #expect(stale("{\"policyName", "") == .list([state]))
    #expect(stale("", "") == .list([]))
  }

  @Test func comparesVersions() {
    let server = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    func skew(_ kubelet: String, _ tag: String) -> FactValue? {
      let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver}\n"
        + "spec: {containers: [{name: kube-apiserver, image: 'registry.k8s.io/kube-apiserver:\(tag)'}]}\n"
      let fact = Fact(key: "kubelet.version", value: .text(kubelet), source: "/var/lib/dpkg/status")
      let source = MemorySource(files: [server: pod])
      return values(KubeletCheckCollector.collect(from: source, known: KnownFacts(["kubelet.version": fact])))[
        "kubelet.versionSkew"
      ].flatMap { $0 }
    }
    #expect(skew("1.31.4", "v1.31.2") == nil)
    #expect(skew("1.28.4", "v1.31.2") == nil)
    #expect(skew("1.32.0", "v1.31.2") != nil)
    #expect(skew("1.27.0", "v1.31.2") != nil)
    #expect(skew("1.31.4", "latest") == nil)
  }

  @Test func readsThresholdsOfEviction() {
    let facts: [String: FactValue] = ["memory.totalBytes": .number(1000), "memory.availableBytes": .number(90)]
    let percent = [path: config + "evictionHard:\n  memory.available: 10%\n"]
    #expect(values(collect(percent, facts))["memory.belowEviction"] == .bool(true))
    let small = [path: config + "evictionHard:\n  memory.available: \"50\"\n"]
    #expect(values(collect(small, facts))["memory.belowEviction"] == .bool(false))
    #expect(collect(small, [:]).unknown["memory.belowEviction"] != nil)
  }
}
