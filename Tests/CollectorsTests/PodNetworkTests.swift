import Model
import Testing

@testable import Collectors

@Suite struct PodNetworkTests {
  private let flannel = """
    {
      "name": "cbr0",
      "plugins": [
        { "type": "flannel", "delegate": { "isDefaultGateway": true } },
        { "type": "portmap", "capabilities": { "portMappings": true } }
      ]
    }
    """

  @Test func findsMissingAndUnusablePlugins() {
    let source = MemorySource(
      files: [
        "/etc/cni/net.d/10-flannel.conflist": flannel, "/etc/cni/net.d/00-bad.conf": "{\"name\": \"x\",\n}",
        "/opt/cni/bin/flannel": "x", "/opt/cni/bin/bridge": "x", "/opt/cni/bin/host-local": "",
      ], modes: ["/opt/cni/bin/flannel": 0o755, "/opt/cni/bin/bridge": 0o644, "/opt/cni/bin/host-local": 0o755])
    let facts = values(CNICollector.collect(from: source, known: [:]))
    #expect(facts["cni.plugins"] == .list(["flannel", "bridge", "host-local", "portmap"]))
    #expect(facts["cni.networks"] == .list(["cbr0"]))
    #expect(facts["cni.missingPlugins"] == .list(["portmap"]))
    #expect(facts["cni.unusablePlugins"] == .list(["/opt/cni/bin/bridge", "/opt/cni/bin/host-local"]))
    #expect(facts["flannel.used"] == .bool(true))
    #expect(facts["flannel.subnetEnvExists"] == .bool(false))
    guard case .list(let invalid)?? = facts["cni.invalidConfigs"] else { return #expect(Bool(false)) }
    #expect(invalid.first?.hasPrefix("/etc/cni/net.d/00-bad.conf: line 2") == true)
  }

  @Test func anAbsentFolderIsAnAnswer() {
    let facts = values(CNICollector.collect(from: MemorySource(), known: [:]))
    #expect(facts["cni.configFiles"] == .list([]))
    #expect(facts["cni.missingPlugins"] == .list([]))
  }

  @Test func aFolderThatWasNotCapturedIsNone() {
    let collected = CNICollector.collect(from: MemorySource(open: ["/etc", "/opt", "/run", "/var"]), known: [:])
    #expect(collected.unknown["cni.configFiles"] != nil)
    #expect(collected.unknown["cni.missingPlugins"] != nil)
    #expect(collected.unknown["flannel.subnetEnvExists"] != nil)
  }

  @Test(arguments: [
    "", "{", "{\"a\"", "[1,]", "{\"a\": b}", "\"\\u12", "{\"a\":1}x", String(repeating: "[", count: 500),
  ])
  func refusesWhatIsNotJSON(text: String) { #expect(throws: (any Error).self) { try JSONTree.parse(text) } }

  @Test func tellsModules() {
    let source = MemorySource(files: [
      "/proc/modules": "overlay 1 0 - Live 0x0\n", "/proc/sys/kernel/osrelease": "6.1.0-1\n",
      "/lib/modules/6.1.0-1/modules.builtin": "kernel/net/netfilter/nf-conntrack.ko\n",
      "/lib/modules/6.1.0-1/modules.dep": "kernel/fs/foo.ko.xz: kernel/bar.ko\n",
    ])
    let facts = values(ModulesCollector.collect(from: source, known: [:]))
    #expect(facts["modules.missing"] == .list(["br_netfilter"]))
    #expect(facts["modules.brNetfilterLoaded"] == .bool(false))
    let open = ModulesCollector.collect(from: MemorySource(open: ["/proc", "/sys", "/lib"]), known: [:])
    #expect(open.facts.isEmpty)
  }
}
