import Model
import Testing

@testable import Collectors

@Suite struct ContainerdCollectorTests {
  private func facts(_ config: String, more: [String: String] = [:]) -> [String: FactValue?] {
    let files = more.merging(["/etc/containerd/config.toml": config]) { old, _ in old }
    return values(ContainerdCollector.collect(from: MemorySource(files: files), known: [:]))
  }

  @Test(arguments: [
    "[plugins.cri]\nsystemd_cgroup = true\n",
    "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\nSystemdCgroup = true\n",
    "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\nSystemdCgroup = true\n",
  ])
  func readsTheDriverOfEachVersion(config: String) {
    #expect(facts(config)["containerd.cgroupDriver"] == .text("systemd"))
  }

  @Test func ignoresTablesOfOtherVersions() {
    let facts = facts("version = 2\n[plugins.cri.containerd.runtimes.runc.options]\nSystemdCgroup = true\n")
    #expect(facts["containerd.cgroupDriver"] == .text("cgroupfs"))
    #expect(facts["containerd.ignoredKeys"] == .list(["plugins.cri"]))
  }

  @Test func seesDisabledCRI() {
    let collected = ContainerdCollector.collect(
      from: MemorySource(files: ["/etc/containerd/config.toml": "# docker\n\ndisabled_plugins = [\"cri\"]\n"]),
      known: [:])
    let fact = collected.facts.first { $0.key == "containerd.criDisabled" }
    #expect(fact?.value == .bool(true))
    #expect(fact?.line == 3)
    #expect(values(collected)["containerd.cgroupDriver"] == .some(nil))
  }

  @Test func readsImports() {
    let facts = facts(
      "version = 2\nimports = [\"conf.d/*.toml\"]\n",
      more: ["/etc/containerd/conf.d/a.toml": "disabled_plugins = [\"cri\"]"])
    #expect(facts["containerd.criDisabled"] == .bool(true))
  }

  @Test func reportsFaultsWithTheirLine() {
    let collected = ContainerdCollector.collect(
      from: MemorySource(files: ["/etc/containerd/config.toml": "version = 2\nfoo = \n"]), known: [:])
    #expect(collected.facts.first { $0.key == "containerd.configError" }?.line == 2)
    #expect(collected.unknown["containerd.criDisabled"] != nil)
  }

  @Test func knowsDefaultsWithoutAFile() {
    let collected = values(ContainerdCollector.collect(from: MemorySource(), known: [:]))
    #expect(collected["containerd.configExists"] == .bool(false))
    #expect(collected["containerd.criDisabled"] == .bool(false))
    let open = ContainerdCollector.collect(from: MemorySource(open: ["/etc", "/usr/bin", "/proc"]), known: [:])
    #expect(values(open)["containerd.configExists"] == nil)
    #expect(open.unknown["containerd.running"] != nil)
  }

  @Test func seesRegistryConflicts() {
    let table = "plugins.\"io.containerd.grpc.v1.cri\".registry"
    let facts = facts(
      "version = 2\n[\(table)]\nconfig_path = \"/c\"\n[\(table).mirrors.\"docker.io\"]\nendpoint = [\"https://m\"]\n")
    #expect(facts["containerd.registryConflict"] == .bool(true))
  }
}

@Suite struct RuntimeCollectorTests {
  private let unix = "Num RefCount Protocol Flags Type St Inode Path\n"
  private let line = "0: 00000002 00000000 00010000 0001 01 21558 /run/containerd/containerd.sock\n"
  private let endpoint = FactValue.text("unix:///var/run/containerd/containerd.sock")

  @Test func hearsListeners() {
    let known = known(["kubelet.runtimeEndpoint": endpoint])
    let source = MemorySource(files: ["/proc/net/unix": unix + line])
    let facts = values(RuntimeCollector.collect(from: source, known: known))
    #expect(facts["runtime.name"] == .text("containerd"))
    #expect(facts["runtime.endpointListening"] == .bool(true))
    let silent = RuntimeCollector.collect(from: MemorySource(files: ["/proc/net/unix": unix]), known: known)
    #expect(values(silent)["runtime.endpointListening"] == .bool(false))
  }

  @Test func doesNotGuessListeners() {
    let known = known(["kubelet.runtimeEndpoint": endpoint])
    let source = MemorySource(open: ["/proc", "/run"])
    let collected = RuntimeCollector.collect(from: source, known: known)
    #expect(collected.unknown["runtime.endpointListening"] != nil)
    #expect(collected.unknown["runtime.listeningSockets"] != nil)
  }

  @Test func readsCrioAndDocker() {
    let source = MemorySource(files: [
      "/etc/crio/crio.conf.d/10.conf": "[crio.runtime]\ncgroup_manager = \"cgroupfs\"\n",
      "/etc/docker/daemon.json": "{\n\t\"exec-opts\": [\"native.cgroupdriver=systemd\"]\n}\n",
    ])
    #expect(values(CrioCollector.collect(from: source, known: [:]))["crio.cgroupDriver"] == .text("cgroupfs"))
    #expect(values(DockerCollector.collect(from: source, known: [:]))["docker.cgroupDriver"] == .text("systemd"))
    let bad = MemorySource(files: ["/etc/docker/daemon.json": "{\"a\": 1,}", "/etc/crio/crio.conf": "[crio\n"])
    #expect(values(DockerCollector.collect(from: bad, known: [:]))["docker.configError"]??.isEmpty == false)
    #expect(values(CrioCollector.collect(from: bad, known: [:]))["crio.configError"]??.isEmpty == false)
  }
}
