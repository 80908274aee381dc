import Model
import Testing

@testable import Collectors

private let socket = "/run/containerd/containerd.sock"

private func call(_ version: String, _ method: String) -> Probe {
  .call(
    socket: socket, method: "/runtime.\(version).RuntimeService/\(method)",
    request: method == "Status" ? [0x08, 0x01] : [])
}

/// A field of bytes as it stands in a message.
private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
  var length = bytes.count
  var encoded: [UInt8] = []
  while length >= 0x80 {
    encoded.append(UInt8(length & 0x7f) | 0x80)
    length >>= 7
  }
  return [number << 3 | 2] + encoded + [UInt8(length)] + bytes
}

private func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

private let version = field(1, "0.1.0") + field(2, "containerd") + field(3, "v1.7.24") + field(4, "v1")

private func status(network: Bool, info: [String: String]) -> [UInt8] {
  let runtime = field(1, field(1, "RuntimeReady") + [0x10, 1])
  let reason = field(3, "NetworkPluginNotReady") + field(4, "cni plugin not initialized")
  let ready = field(1, field(1, "NetworkReady") + (network ? [0x10, 1] : reason))
  return field(1, runtime + ready) + info.flatMap { field(2, field(1, $0.key) + field(2, $0.value)) }
}

private let config = """
  {"containerd":{"defaultRuntimeName":"kata","runtimes":{"runc":{"options":{"SystemdCgroup":false}},
  "kata":{"options":{"SystemdCgroup":true}}}},"cni":{"binDir":"/a","confDir":"/b"},"systemdCgroup":false}
  """

@Suite struct ProtobufTests {
  @Test func readsEveryKindOfField() throws {
    let bytes: [UInt8] = [0x08, 0x96, 0x01, 0x12, 2, 0x68, 0x69, 0x1d, 1, 0, 0, 0, 0x21, 2, 0, 0, 0, 0, 0, 0, 0]
    let message = try ProtobufMessage(bytes[...])
    #expect(message.fields.map(\.value) == [.number(150), .bytes([0x68, 0x69]), .number(1), .number(2)])
    #expect(message.text(2) == "hi")
    #expect(message.text(9).isEmpty)
    #expect(message.flag(1))
    #expect(!message.flag(9))
    let largest = try ProtobufMessage(([0x08] + [UInt8](repeating: 0xff, count: 9) + [1])[...])
    #expect(largest.fields.first?.value == .number(.max))
  }

  @Test(
    arguments: [
      [0x08], [0x08, 0x80], [0x00, 1], [0x0b], [0x0c], [0x0f], [0x12, 3, 1, 2], [0x0d, 1, 2], [0x09, 1],
      [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
      [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    ] as [[UInt8]]) func refusesWhatIsNoMessage(bytes: [UInt8])
  {
    #expect(throws: ReadError.self) { try ProtobufMessage(bytes[...]) }
  }

  @Test func survivesNoise() {
    var state: UInt64 = 11
    for count in 0..<2000 {
      let noise = (0..<count % 97).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      }
      _ = try? CRIStatus(noise)
      _ = try? CRIVersion(noise)
    }
  }
}

@Suite struct ConfigInForceTests {
  @Test func readsContainerd() {
    let network = #"{"PluginDirs":["/usr/lib/cni","/opt/cni/bin"],"PluginConfDir":"/etc/cni/net.d"}"#
    let all = ConfigInForce(["config": config, "cniconfig": network, "lastCNILoadStatus": "\"OK\""])
    #expect(all.cgroupDriver == "systemd")
    #expect(all.cniConfDir == "/etc/cni/net.d")
    #expect(all.cniBinDirs == ["/usr/lib/cni", "/opt/cni/bin"])
    #expect(all.lastCNILoadStatus == "OK")
    let alone = ConfigInForce(["config": config, "cniconfig": "null"])
    #expect(alone.cniConfDir == "/b")
    #expect(alone.cniBinDirs == ["/a"])
    #expect(ConfigInForce(["config": config.replacing("\"kata\"", with: "\"runc\"")]).cgroupDriver == "cgroupfs")
  }

  @Test func readsCrio() {
    let toml = """
      [crio]
        [crio.runtime]
          cgroup_manager = "cgroupfs"
        [crio.network]
          network_dir = "/etc/cni/net.d/"
          plugin_dirs = ["/opt/cni/bin/", "/usr/libexec/cni"]
      """
    let all = ConfigInForce(["config": toml])
    #expect(all.cgroupDriver == "cgroupfs")
    #expect(all.cniConfDir == "/etc/cni/net.d/")
    #expect(all.cniBinDirs == ["/opt/cni/bin/", "/usr/libexec/cni"])
  }

  @Test(arguments: ["", "{", "[crio", "null", "[]", "{\"containerd\":3,\"cni\":[1]}", "x = 1"])
  func saysNothingOfWhatItDoesNotKnow(text: String) {
    let all = ConfigInForce(["config": text])
    #expect(all.cgroupDriver == nil && all.cniConfDir == nil && all.cniBinDirs == nil)
  }
}

@Suite struct RuntimeStatusCollectorTests {
  private let endpoint = ["runtime.endpoint": FactValue.text(socket), "runtime.name": .text("containerd")]
  private let unknownV1 = ReadError.failed("grpc 12: unknown service runtime.v1.RuntimeService")
  private let unknownAlpha = ReadError.failed("grpc 12: unknown service runtime.v1alpha2.RuntimeService")

  private func collect(_ source: MemorySource, _ more: [String: FactValue] = [:]) -> Collected {
    RuntimeStatusCollector.collect(from: source, known: known(endpoint.merging(more) { $1 }))
  }

  @Test func tellsWhatTheRuntimeSays() {
    let info = ["config": config, "lastCNILoadStatus": "\"cni config load failed: x\""]
    let source = MemorySource(answers: [
      call("v1", "Version"): version, call("v1", "Status"): status(network: false, info: info),
    ])
    let collected = collect(source, ["containerd.cgroupDriver": .text("cgroupfs")])
    let facts = values(collected)
    #expect(facts["runtime.criVersions"] == .list(["v1"]))
    #expect(facts["runtime.responding"] == .bool(true))
    #expect(facts["runtime.criError"] == .some(nil))
    #expect(facts["runtime.networkReady"] == .bool(false))
    #expect(facts["runtime.networkReason"] == .text("NetworkPluginNotReady: cni plugin not initialized"))
    #expect(facts["runtime.version"] == .text("1.7.24"))
    #expect(facts["runtime.apiName"] == .text("containerd"))
    #expect(facts["runtime.effectiveCniConfDir"] == .text("/b"))
    #expect(facts["runtime.lastCNILoadStatus"] == .text("cni config load failed: x"))
    #expect(facts["runtime.cgroupDriver"] == .text("systemd"))
    #expect(collected.facts.first { $0.key == "runtime.cgroupDriver" }?.source == socket)
  }

  @Test func aReadyNetworkHasNoReason() {
    let source = MemorySource(answers: [
      call("v1", "Version"): version, call("v1", "Status"): status(network: true, info: [:]),
    ])
    let facts = values(collect(source, ["containerd.cgroupDriver": .text("cgroupfs")]))
    #expect(facts["runtime.networkReady"] == .bool(true))
    #expect(facts["runtime.networkReason"] == .some(nil))
    #expect(facts["runtime.effectiveCgroupDriver"] == .some(nil))
    #expect(facts["runtime.cgroupDriver"] == .text("cgroupfs"))
  }

  @Test(arguments: [([], "systemd"), ([0x08, 1], "cgroupfs")] as [([UInt8], String)])
  func asksForTheDriverThatTheStatusDoesNotTell(linux: [UInt8], driver: String) {
    let source = MemorySource(answers: [
      call("v1", "Version"): version, call("v1", "RuntimeConfig"): field(1, linux),
      call("v1", "Status"): status(network: true, info: ["config": "{\"sandboxImage\":\"pause\"}"]),
    ])
    #expect(values(collect(source))["runtime.cgroupDriver"] == .text(driver))
  }

  @Test func keepsTheWordsOfARefusal() {
    let source = MemorySource(failures: [call("v1", "Version"): unknownV1, call("v1alpha2", "Version"): unknownAlpha])
    let facts = values(collect(source))
    #expect(facts["runtime.criVersions"] == .list([]))
    #expect(facts["runtime.responding"] == .bool(true))
    #expect(facts["runtime.criError"] == .text("unknown service runtime.v1.RuntimeService"))
  }

  @Test func asksForTheOldVersionOnlyWhereItMatters() {
    let status = status(network: true, info: [:])
    let new: [Probe: [UInt8]] = [call("v1", "Version"): version, call("v1", "Status"): status]
    let both = new.merging([call("v1alpha2", "Version"): version]) { $1 }
    #expect(values(collect(MemorySource(answers: both)))["runtime.criVersions"] == .list(["v1"]))
    let old = ["kubelet.version": FactValue.text("1.22.17")]
    #expect(values(collect(MemorySource(answers: both), old))["runtime.criVersions"] == .list(["v1", "v1alpha2"]))
    let removed = MemorySource(answers: new, failures: [call("v1alpha2", "Version"): unknownAlpha])
    let facts = values(collect(removed, old))
    #expect(facts["runtime.criError"] == .text("unknown service runtime.v1alpha2.RuntimeService"))
    let tooOld = MemorySource(
      answers: [call("v1alpha2", "Version"): version, call("v1alpha2", "Status"): status],
      failures: [call("v1", "Version"): unknownV1])
    #expect(values(collect(tooOld))["runtime.criVersions"] == .list(["v1alpha2"]))
    #expect(values(collect(tooOld))["runtime.criError"] == .text("unknown service runtime.v1.RuntimeService"))
    #expect(values(collect(tooOld, old))["runtime.criError"] == .some(nil))
  }

  @Test func namesTheSocketThatDoesNotAnswer() {
    let frozen = collect(MemorySource(failures: [call("v1", "Version"): .timedOut(seconds: 3)]))
    #expect(values(frozen)["runtime.responding"] == .bool(false))
    #expect(frozen.unknown["runtime.criVersions"]?.description.contains(socket) == true)
    #expect(frozen.unknown["runtime.responding"] == nil)
    let half = collect(
      MemorySource(
        answers: [call("v1", "Version"): version], failures: [call("v1", "Status"): .timedOut(seconds: 3)]))
    #expect(values(half)["runtime.responding"] == .bool(false))
    #expect(values(half)["runtime.criVersions"] == .list(["v1"]))
    #expect(half.unknown["runtime.networkReady"]?.description.contains(socket) == true)
  }

  @Test(arguments: [ReadError.absent, .failed(Probe.refused)]) func nobodyThereIsKnowledge(error: ReadError) {
    let collected = collect(MemorySource(failures: [call("v1", "Version"): error]))
    #expect(values(collected)["runtime.responding"] == .some(nil))
    #expect(values(collected)["runtime.criVersions"] == .some(nil))
  }

  @Test func whatCannotBeAskedStaysOpen() {
    let captured = collect(MemorySource(), ["containerd.cgroupDriver": .text("systemd")])
    guard case .notCaptured = captured.unknown["runtime.responding"] else {
      Issue.record("must be open")
      return
    }
    #expect(captured.unknown["containerd.restartOwed"] != nil)
    #expect(values(captured)["runtime.cgroupDriver"] == .text("systemd"))
    let denied = collect(MemorySource(silence: .denied))
    guard case .denied = denied.unknown["runtime.responding"] else {
      Issue.record("must be denied")
      return
    }
    let damaged = collect(MemorySource(answers: [call("v1", "Version"): [0x0b]]))
    #expect(damaged.unknown["runtime.responding"]?.description.contains(socket) == true)
  }

  @Test func withoutAnEndpointTheListeningSocketIsAsked() {
    let source = MemorySource(answers: [call("v1", "Version"): version])
    func collect(_ pairs: [String: FactValue]) -> Collected {
      RuntimeStatusCollector.collect(from: source, known: known(pairs))
    }
    let heard = collect(["runtime.listeningSockets": .list([socket])])
    #expect(values(heard)["runtime.criVersions"] == .list(["v1"]))
    #expect(values(collect(["runtime.listeningSockets": .list([])]))["runtime.criVersions"] == .some(nil))
    #expect(collect([:]).unknown["runtime.criVersions"] != nil)
    #expect(collect(["runtime.endpoint": .text("tcp://x")]).unknown["runtime.criVersions"] != nil)
  }

  @Test func aRestartIsOwedWhereTheFilesAreNewer() {
    let path = "/etc/containerd/config.toml"
    var source = MemorySource(
      files: [
        "/proc/stat": "cpu 1\nbtime 1000\n", "/proc/7/cmdline": "containerd\0", path: "version = 2\n",
        "/proc/7/stat": "7 (a) b) S" + String(repeating: " 0", count: 18) + " 5000 0\n",
      ],
      answers: [call("v1", "Version"): version, call("v1", "Status"): status(network: true, info: ["config": config])])
    let same = ["containerd.cgroupDriver": FactValue.text("systemd")]
    source.modified = [path: 1051]
    #expect(values(collect(source, same))["containerd.restartOwed"] == .bool(false))
    source.modified = [path: 1060]
    #expect(values(collect(source, same))["containerd.restartOwed"] == .bool(true))
    source.modified = [:]
    let fact = Fact(key: "containerd.cgroupDriver", value: .text("cgroupfs"), source: path, line: 4)
    let all = ["runtime.endpoint": Fact(key: "runtime.endpoint", value: .text(socket), source: "x")]
    let differs = RuntimeStatusCollector.collect(
      from: source, known: KnownFacts(all.merging(["containerd.cgroupDriver": fact]) { $1 }))
    #expect(values(differs)["containerd.restartOwed"] == .bool(true))
    source.files["/proc/7/cmdline"] = nil
    source.files["/proc/7/stat"] = nil
    source.files["/proc/9/cmdline"] = "sshd\0"
    #expect(values(collect(source, same))["containerd.restartOwed"] == .some(nil))
    source.files["/proc/7/cmdline"] = "containerd\0"
    source.files["/proc/7/stat"] = "7 (containerd"
    #expect(collect(source, same).unknown["containerd.restartOwed"] != nil)
  }
}
