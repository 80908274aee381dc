import EmbeddedKnowledge
import Model
import Testing

@testable import Knowledge

@Suite struct PreflightTests {
  private func results(
    _ values: [String: FactValue?], role: NodeRole = .controlPlane, unknown: [String: ReadError] = [:]
  ) throws -> [String: PreflightResult] {
    let rules = try EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) }
    var facts: [String: Fact] = [:]
    for (key, value) in values { facts[key] = Fact(key: key, value: value, source: "/test", line: 3) }
    let results = rules.preflight(for: role, facts: facts, unknown: unknown)
    return Dictionary(uniqueKeysWithValues: results.map { ($0.id, $0) })
  }

  @Test func everyRuleExists() throws {
    let rules = try EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) }
    let ids = PreflightCheck.all.flatMap { [$0.rule].compactMap { $0 } + $0.variants.map(\.rule) }
    #expect(ids.filter { rules.rule($0) == nil } == [])
  }

  @Test func nothingIsKnownOfAnEmptyMachine() throws {
    let results = try results([:], unknown: ["cpu.count": .denied])
    let skipped: Set = ["hostname", "registry"]
    #expect(
      results.values.allSatisfy { result in
        result.status == (skipped.contains(result.id) ? .skipped : .unknown) && result.fixes.isEmpty
          && result.detail != nil
      })
    #expect(results["cpu"]?.detail == "cpu.count: permission denied; run as root or make it readable")
  }

  @Test func aWorkerNeedsLess() throws {
    let worker = try results([:], role: .worker)
    #expect(worker["cpu"] == nil && worker["port-6443"] == nil && worker["port-10250"] != nil)
  }

  @Test(arguments: [
    (1.7e9, PreflightResult.Status.failed), (1700.0 * 1_048_576, .warning), (1.99e9, .warning), (2e9, .passed),
  ]) func memory(_ bytes: Double, _ status: PreflightResult.Status) throws {
    #expect(try results(["memory.totalBytes": .number(bytes)])["memory"]?.status == status)
  }

  @Test func swapCountsUnlessTheKubeletToleratesIt() throws {
    let on = FactValue.list(["/dev/sda2"])
    let node: [String: FactValue?] = ["kubelet.installed": .bool(true), "kubelet.configExists": .bool(true)]
    func status(_ values: [String: FactValue?]) throws -> PreflightResult.Status? {
      try results(values)["swap"]?.status
    }
    #expect(try status(["swap.areas": on, "kubelet.installed": .bool(false)]) == .failed)
    #expect(try status(["swap.areas": .list([])]) == .passed)
    #expect(try status(["swap.areas": on]) == .unknown)
    let tolerant = node.merging(["swap.areas": on, "kubelet.failSwapOn": .bool(false)]) { $1 }
    #expect(try status(tolerant) == .passed)
  }

  @Test func aHeldPortNamesItsHolderAlone() throws {
    let results = try results(["network.listeners": .list(["[::]:6443", "0.0.0.0:22", "127.0.0.1:16443"])])
    #expect(results["port-6443"]?.detail == "network.listeners = [::]:6443 (/test:3)")
    #expect(results["port-6443"]?.fixes.first?.verify.first?.contains("sport = :6443") == true)
    #expect(results["port-2379"]?.status == .passed)
    #expect(results["port-2379"]?.detail == nil)
  }

  @Test func anAbsentSysctlFails() throws {
    let results = try results(["sysctl.bridgeNfCallIptables": nil, "sysctl.ipForward": .number(1)])
    #expect(results["bridge-nf-call-iptables"]?.status == .failed)
    #expect(results["bridge-nf-call-iptables"]?.fixes.isEmpty == false)
    #expect(results["ip-forward"]?.status == .passed)
  }

  @Test func aMissingIdentityIsNoReasonToRemoveANode() throws {
    let results = try results(["identity.machineId": nil, "identity.productUuid": nil])
    #expect(results["machine-id"]?.fixes.map { $0.commands } == [["sudo systemd-machine-id-setup"]])
    #expect(results["product-uuid"]?.status == .warning)
    #expect(results["product-uuid"]?.fixes.isEmpty == true)
  }

  @Test func cgroupDriversOfAMachineThatIsNoNodeYet() throws {
    for (driver, status) in [("systemd", PreflightResult.Status.passed), ("cgroupfs", .warning)] {
      let results = try results(["kubelet.installed": .bool(false), "runtime.cgroupDriver": .text(driver)])
      #expect(results["cgroup-driver"]?.status == status)
    }
    let node: [String: FactValue?] = [
      "kubelet.installed": .bool(true), "kubelet.configExists": .bool(true), "kubelet.cgroupDriver": .text("systemd"),
      "runtime.cgroupDriver": .text("cgroupfs"),
    ]
    #expect(try results(node)["cgroup-driver"]?.status == .failed)
  }

  @Test func theFixIsThatOfTheRuntime() throws {
    let results = try results(["runtime.name": .text("crio"), "runtime.listeningSockets": .list([])])
    #expect(results["runtime-listening"]?.fixes.first?.commands.contains { $0.contains("crio") } == true)
  }

  @Test func theRegistryIsAskedForOnlyWithTheUsersLeave() throws {
    let key = "registry.unreachable"
    func registry(_ facts: [String: FactValue?], _ unknown: [String: ReadError] = [:]) throws -> PreflightResult? {
      try results(facts, unknown: unknown)["registry"]
    }
    #expect(try registry([:], [key: .notAsked, "registry.reachable": .notAsked])?.status == .skipped)
    #expect(try registry([:], [key: .failed("getent is not installed")])?.status == .unknown)
    #expect(try registry([key: .list([]), "registry.reachable": .bool(true)])?.status == .passed)
    let failed = try registry([key: .list(["registry.k8s.io:443: refused"]), "registry.reachable": .bool(false)])
    #expect(failed?.status == .failed)
    #expect(failed?.fixes.isEmpty == false)
  }
}
