import Model
import Testing

@testable import Collectors

@Suite struct SystemCollectorTests {
  @Test func readsTheOperatingSystem() {
    let source = MemorySource(files: [
      "/etc/os-release": "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n",
      "/etc/hostname": "node-1\n", "/proc/stat": "cpu 1\nbtime 1000\n", "/proc/uptime": "50.5 1.0\n",
    ])
    let facts = values(OSCollector.collect(from: source, known: [:]))
    #expect(facts["os.id"] == .text("rocky"))
    #expect(facts["os.packageManager"] == .text("dnf"))
    #expect(facts["node.hostname"] == .text("node-1"))
    #expect(facts["node.time"] == .number(1050))
  }

  @Test func leavesTheOperatingSystemOpen() {
    let collected = OSCollector.collect(from: MemorySource(open: ["/etc", "/proc", "/usr/lib"]), known: [:])
    #expect(collected.facts.isEmpty)
    #expect(collected.unknown["os.packageManager"] != nil)
  }

  private static let lastEntries: [(log: String, seconds: Double?)] = [
    ("2026-03-18T07:10:00.5+01:00 n kubelet: x\n  continued\n", 1_773_814_200),
    ("2026-03-18T07:10:00.123456789Z stderr F x\n", 1_773_817_800),
    ("2026-03-18T07:10:00-0500 x", 1_773_835_800),
    // Without a zone, the earliest time that it can be.
    ("2026-03-18 07:10:00 configure x\n", 1_773_767_400),
    // Without a year, only beside a date that has one; the earlier of two.
    ("Mar 18 07:10:00 n containerd[1]: time=\"2026-03-18T07:09:59Z\"\n", 1_773_767_400),
    ("Mar 18 07:10:00 n kubelet: valid from 2026-03-18 to 2027-03-18\n", 1_773_767_400),
    ("Mar 18 07:10:00 n kubelet: until 2027-03-30\n", nil),
    ("Mar 18 07:10:00 n sshd[1]: x\n", nil), ("no time 2026-03-18T07:10:00Z\n", nil), ("", nil),
    ("9999-99-99T99:99:99Z", nil), ("Mar 99 07:10:00 x", nil), ("2026-03-18T07", nil), ("Mar", nil),
  ]

  @Test(arguments: lastEntries)
  func takesTheTimeOfTheLastEntry(log: String, seconds: Double?) {
    #expect(LogClock.seconds(ofLastEntry: log) == seconds)
  }

  @Test func knowsTheTimeOfADiskByItsLogs() {
    let header = String(repeating: "\0", count: 192) + "\0\u{10}\u{20}\u{30}\u{40}\u{06}\0\0"
    let source = MemorySource(
      files: [
        "/var/log/syslog": "2026-03-18T07:10:00Z n x: y\n",
        "/var/log/pods/a_b_c/d/0.log": "2026-03-18T08:10:00Z stderr F y\n", "/var/log/app.json": "2030-01-01T00:00:00Z",
      ], open: ["/proc"])
    let time = OSCollector.collect(from: source, known: [:]).facts.first { $0.key == "node.time" }
    #expect(time?.value == .number(1_773_821_400))
    #expect(time?.source == "/var/log/pods/a_b_c/d/0.log")
    let journal = MemorySource(files: ["/var/log/journal/m/system.journal": header], open: ["/proc"])
    #expect(
      values(OSCollector.collect(from: journal, known: [:]))["node.time"]
        == .number((Double(0x0006_4030_2010_00) / 1_000_000).rounded(.down)))
    // A kernel that was captured, but without its clock, is not overruled.
    let running = MemorySource(files: ["/proc/version": "x", "/var/log/syslog": "2026-03-18T07:10:00Z n x: y\n"])
    #expect(values(OSCollector.collect(from: running, known: [:]))["node.time"] == .some(nil))
  }

  @Test(arguments: [
    ("Filename\tType\tSize\n", [String]()), ("Filename\tType\tSize\n/dev/sda3 partition 100 0 -2\n", ["/dev/sda3"]),
  ])
  func readsSwapInUse(text: String, areas: [String]) {
    let facts = values(SwapCollector.collect(from: MemorySource(files: ["/proc/swaps": text]), known: [:]))
    #expect(facts["swap.areas"] == .list(areas))
  }

  @Test func readsSwapOfFstab() {
    let source = MemorySource(
      files: [
        "/etc/fstab": "# none\nUUID=1 / ext4 defaults 0 1\n/swap.img none swap sw 0 0\n/b none swap noauto 0 0\n"
      ],
      open: ["/proc"])
    let collected = SwapCollector.collect(from: source, known: [:])
    #expect(values(collected)["swap.fstabEntries"] == .list(["/swap.img"]))
    #expect(collected.unknown["swap.areas"] != nil)
  }

  @Test func tellsCgroupVersions() {
    func version(_ files: [String: String]) -> FactValue?? {
      values(CgroupCollector.collect(from: MemorySource(files: files), known: [:]))["cgroup.version"]
    }
    #expect(version(["/sys/fs/cgroup/cgroup.controllers": "cpu cpuset memory pids\n"]) == .text("v2"))
    #expect(version(["/sys/fs/cgroup/memory/tasks": "", "/proc/cgroups": ""]) == .text("v1"))
    #expect(
      version(["/sys/fs/cgroup/unified/cgroup.procs": "", "/sys/fs/cgroup/memory/tasks": ""]) == .text("hybrid"))
    #expect(version([:]) == nil)
  }

  @Test func namesMissingControllers() {
    let source = MemorySource(files: ["/sys/fs/cgroup/cgroup.controllers": "cpu cpuset pids\n"])
    #expect(
      values(CgroupCollector.collect(from: source, known: [:]))["cgroup.missingControllers"] == .list(["memory"]))
  }

  @Test func readsParameters() {
    let source = MemorySource(files: ["/proc/sys/net/ipv4/ip_forward": "0\n", "/proc/sys/kernel/panic": "many\n"])
    let collected = SysctlCollector.collect(from: source, known: [:])
    #expect(values(collected)["sysctl.ipForward"] == .number(0))
    #expect(values(collected)["sysctl.bridgeNfCallIptables"] == .some(nil))
    #expect(collected.unknown["sysctl.panic"] != nil)
    #expect(SysctlCollector.collect(from: MemorySource(open: ["/proc"]), known: [:]).facts.isEmpty)
  }

  @Test func computesUse() {
    let source = MemorySource(files: [
      "/proc/sys/net/netfilter/nf_conntrack_count": "97\n", "/proc/sys/net/netfilter/nf_conntrack_max": "100\n",
      "/proc/sys/fs/file-nr": "50\t0\t200\n", "/proc/loadavg": "0.1 0.1 0.1 1/250 999\n",
      "/proc/sys/kernel/pid_max": "1000\n", "/proc/sys/kernel/threads-max": "500\n",
    ])
    let facts = values(LimitsCollector.collect(from: source, known: [:]))
    #expect(facts["conntrack.usedPercent"] == .number(97))
    #expect(facts["files.usedPercent"] == .number(25))
    #expect(facts["pids.usedPercent"] == .number(50))
  }

  @Test func readsHardware() {
    let source = MemorySource(files: [
      "/proc/cpuinfo": "processor\t: 0\nflags\t\t: cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3\nprocessor\t: 1\n",
      "/proc/meminfo": "MemTotal: 1000 kB\n",
    ])
    let collected = HardwareCollector.collect(from: source, known: [:])
    let facts = values(collected)
    #expect(facts["cpu.count"] == .number(2))
    #expect(facts["cpu.level"] == .number(2))
    #expect(facts["memory.totalBytes"] == .number(1_024_000))
    #expect(collected.unknown["memory.availableBytes"] != nil)
  }

  @Test(arguments: [
    ("/var/lib/kubelet/kubeadm-flags.env", "kubeadm"), ("/etc/rancher/k3s/config.yaml", "k3s"),
    ("/etc/rancher/rke2/config.yaml", "rke2"), ("/var/snap/microk8s/current/args/kubelet", "microk8s"),
    ("/etc/k0s/k0s.yaml", "k0s"), ("/usr/bin/kubelet", "unknown"),
  ])
  func knowsDistributions(path: String, name: String) {
    let facts = values(NodeCollector.collect(from: MemorySource(files: [path: "x"]), known: [:]))
    #expect(facts["node.isKubernetes"] == .bool(true))
    #expect(facts["node.distribution"] == .text(name))
  }

  @Test func tellsNoNodeFromAnUnknownOne() {
    let other = MemorySource(files: ["/etc/os-release": "ID=debian\n", "/usr/bin/kubeadm": "x"])
    #expect(values(NodeCollector.collect(from: other, known: [:]))["node.isKubernetes"] == .bool(false))
    let logs = MemorySource(files: ["/var/log/syslog": "x"], open: ["/etc"])
    #expect(NodeCollector.collect(from: logs, known: [:]).facts.isEmpty)
  }
}

@Suite struct InstalledPackagesTests {
  @Test func readsDpkg() {
    let text =
      "Package: a\nStatus: install ok installed\nVersion: 1:1.2.3-4\n\n"
      + "Package: b\nStatus: deinstall ok config-files\nVersion: 9\n"
    let packages = InstalledPackages(of: MemorySource(files: ["/var/lib/dpkg/status": text]))
    #expect(packages.version("b", "a") == "1.2.3")
    #expect(packages.version("b") == nil)
  }

  @Test func readsHeadersOfRPM() {
    let text = "SQLite\0C\0kubelet\01.29.1\0150500\0x\0C\0kubelet\01.31.2\0150500\0/usr/bin/kubelet\0kubelet\0linux\0"
    let packages = InstalledPackages(of: MemorySource(files: ["/var/lib/rpm/rpmdb.sqlite": text]))
    #expect(packages.version("kubelet") == "1.31.2")
    #expect(packages.file == "/var/lib/rpm/rpmdb.sqlite")
  }
}
