import Model
import Testing

@testable import Collectors

@Suite struct ProxyCollectorTests {
  private let unit = "[Service]\nEnvironment=\"HTTPS_PROXY=http://192.0.2.80:3128\" NO_PROXY=10.0.0.0/16\n"

  @Test func findsTheTargetsThatGoThroughTheProxy() {
    let source = MemorySource(
      files: ["/etc/systemd/system/kubelet.service.d/proxy.conf": unit, "/etc/environment": "PATH=/bin\n"])
    let facts = values(
      ProxyCollector.collect(from: source, known: known(["apiserver.endpoint": .text("10.1.0.1:6443")])))
    #expect(facts["proxy.https"] == .text("http://192.0.2.80:3128"))
    #expect(facts["proxy.noProxy"] == .list(["10.0.0.0/16"]))
    #expect(facts["proxy.noProxyMissing"] == .list(["10.1.0.1"]))
  }

  @Test func leavesOpenWhatWasNotCaptured() {
    let collected = ProxyCollector.collect(from: MemorySource(open: ["/etc", "/usr", "/run", "/lib"]), known: [:])
    #expect(collected.facts.isEmpty)
  }

  @Test(arguments: [
    ("10.0.0.1", "10.0.0.0/8", true), ("10.96.0.0/12", "10.96.0.0/16", false),
    ("api.example.com", ".example.com", true),
    ("api.example.com", "example.org", false), ("127.0.0.1", "", true), ("anything", "*", true),
  ])
  func knowsGoesRules(target: String, exception: String, isExempt: Bool) {
    #expect(ProxyCollector.isExempt(target, [exception]) == isExempt)
  }

  @Test func tellsIdentity() {
    let source = MemorySource(files: [
      "/proc/sys/kernel/osrelease": "6.1.0\n", "/boot/config-6.1.0": "CONFIG_INET=y\n# CONFIG_CGROUPS is not set\n",
      "/etc/machine-id": "abc\n", "/proc/9/comm": "bash\n",
    ])
    let facts = values(IdentityCollector.collect(from: source, known: known(["node.hostname": .text("node_1")])))
    #expect(facts["identity.hostnameValid"] == .bool(false))
    #expect(!IdentityCollector.isValid(String(repeating: "a", count: 64)))
    #expect(IdentityCollector.isValid(String(repeating: "a", count: 63)))
    #expect(facts["identity.machineId"] == .text("abc"))
    #expect(facts["package.lockHolder"] == .some(nil))
    guard case .list(let missing)?? = facts["kernel.missingOptions"] else { return #expect(Bool(false)) }
    #expect(missing.contains("CONFIG_CGROUPS") && !missing.contains("CONFIG_INET"))
    let open = IdentityCollector.collect(from: MemorySource(open: ["/"]), known: [:])
    #expect(open.unknown["kernel.missingOptions"] != nil)
  }
}
