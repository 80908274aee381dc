import Model
import Testing

@testable import Collectors

@Suite struct ReachCollectorTests {
  private static let registry = Probe.connect(host: "registry.k8s.io", port: 443)
  private static let name = Probe.command(.resolve("registry.k8s.io"))
  private static let addresses = Array("203.0.113.9     STREAM registry.k8s.io\n203.0.113.9     DGRAM\n".utf8)

  private func facts(
    _ answers: [Probe: [UInt8]] = [:], failing: [Probe: ReadError] = [:], files: [String: String] = [:],
    _ pairs: [String: FactValue] = [:]
  ) -> Collected {
    var source = MemorySource()
    source.files = files
    source.answers = answers
    source.failures = failing
    source.silence = .notAsked
    return ReachCollector.collect(from: source, known: known(pairs))
  }

  @Test func nothingIsSaidUnasked() {
    let collected = facts([:], ["node.hostname": .text("node-1")])
    #expect(values(collected) == ["registry.endpoints": .list(["registry.k8s.io:443"])])
    #expect(collected.unknown.count == 4)
    #expect("\(collected.unknown["registry.reachable"] ?? .empty)" == "was not asked: it needs --network")
  }

  @Test func healthy() {
    let probe = Probe.command(.resolve("node-1"))
    let answers = [
      Self.name: Self.addresses, Self.registry: Array("203.0.113.9".utf8),
      probe: Array("192.0.2.10  STREAM node-1\n192.0.2.10 DGRAM\n".utf8),
    ]
    let values = values(facts(answers, ["node.hostname": .text("node-1")]))
    #expect(values["dns.hostnameAddresses"] == .list(["192.0.2.10"]))
    #expect(values["dns.resolves"] == .bool(true))
    #expect(values["registry.reachable"] == .bool(true))
    #expect(values["registry.unreachable"] == .list([]))
  }

  @Test func aNameThatNobodyKnowsIsAnAnswer() {
    let probe = Probe.command(.resolve("node-1"))
    let values = values(facts([Self.name: [], probe: []], ["node.hostname": .text("node-1")]))
    #expect(values["dns.hostnameAddresses"] == .list([]))
    #expect(values["dns.resolves"] == .bool(false))
    #expect(values["registry.reachable"] == .bool(false))
    #expect(values["registry.unreachable"] == .list(["registry.k8s.io:443: the name cannot be resolved"]))
  }

  @Test func silentNameServersAreWaitedForOnce() {
    let image = FactValue.text("mirror.example.org:5000/pause:3.9")
    let values = values(
      facts(
        failing: [.command(.resolve("mirror.example.org")): .timedOut(seconds: 4)],
        files: [
          "/etc/kubernetes/manifests/a.yaml":
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: registry.k8s.io/a:1}]}"
        ],
        ["containerd.sandboxImage": image]))
    #expect(values["dns.resolves"] == .bool(false))
    #expect(
      values["registry.unreachable"]
        == .list([
          "mirror.example.org:5000: name servers do not answer", "registry.k8s.io:443: name servers do not answer",
        ]))
  }

  @Test(arguments: [ReadError.timedOut(seconds: 3), .failed("203.0.113.9: connection refused")])
  func closedRegistry(_ error: ReadError) {
    let values = values(facts([Self.name: Self.addresses], failing: [Self.registry: error]))
    #expect(values["dns.resolves"] == .bool(true))
    #expect(values["registry.reachable"] == .bool(false))
    #expect(values["registry.unreachable"] == .list(["registry.k8s.io:443: \(error)"]))
  }

  @Test func whatCannotBeTriedStaysOpen() {
    let collected = facts(failing: [Self.name: .denied])
    #expect(collected.unknown.keys.contains("registry.reachable"))
    #expect(values(collected).keys.contains("registry.reachable") == false)
  }

  @Test func aMirrorThatAnswersIsEnough() {
    let files = [
      "/etc/containerd/config.toml": """
      version = 2
      [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = "/etc/containerd/certs.d"
      """,
      "/etc/containerd/certs.d/registry.k8s.io/hosts.toml": """
      server = "https://registry.k8s.io"
      [host."http://192.0.2.7:5000"]
      """,
    ]
    let path = ["containerd.configPath": FactValue.text("/etc/containerd/config.toml")]
    let values = values(facts([.connect(host: "192.0.2.7", port: 5000): Array("192.0.2.7".utf8)], files: files, path))
    #expect(values["registry.endpoints"] == .list(["192.0.2.7:5000", "registry.k8s.io:443"]))
    #expect(values["registry.reachable"] == .bool(true))
    // No name was needed.
    #expect(values["dns.resolves"] == .some(nil))
  }

  @Test func theProxyIsAskedInItsPlace() {
    let proxy: [String: FactValue] = [
      "proxy.https": .text("http://user:pw@192.0.2.8:3128"), "proxy.noProxy": .list(["10.0.0.0/8"]),
    ]
    let probe = Probe.connect(host: "192.0.2.8", port: 3128)
    #expect(values(facts([probe: Array("192.0.2.8".utf8)], proxy))["registry.reachable"] == .bool(true))
    let closed = values(facts(failing: [probe: .failed("192.0.2.8: connection refused")], proxy))
    #expect(
      closed["registry.unreachable"]
        == .list(["registry.k8s.io:443 by the proxy 192.0.2.8:3128: 192.0.2.8: connection refused"]))
  }

  @Test func mirrorsOfCrio() {
    let files = [
      "/etc/containers/registries.conf": """
      [[registry]]
      prefix = "registry.k8s.io"
      location = "mirror.example.org/k8s"
      [[registry.mirror]]
      location = "192.0.2.7:5000"
      """
    ]
    let crio: [String: FactValue] = [
      "runtime.name": .text("crio"), "crio.pauseImage": .text("registry.k8s.io/pause:3.10"),
    ]
    #expect(
      values(facts(files: files, crio))["registry.endpoints"]
        == .list(["192.0.2.7:5000", "mirror.example.org:443"]))
  }

  @Test(arguments: [
    ("registry.k8s.io/pause:3.9", "registry.k8s.io"), ("pause:3.9", "docker.io"), ("library/pause", "docker.io"),
    ("localhost/pause", "localhost"), ("10.0.0.1:5000/a/b@sha256:00", "10.0.0.1:5000"),
    ("[fd00::1]:5000/a", "[fd00::1]:5000"),
  ]) func registryOfAnImage(_ image: String, _ registry: String) {
    #expect(Registries.registry(of: image) == registry)
  }

  @Test(arguments: [
    ("registry.k8s.io", "registry.k8s.io:443"), ("http://a.example:80/v2", "a.example:80"), ("http://a", "a:80"),
    ("[fd00::1]:5000", "[fd00::1]:5000"), ("fd00::1", "[fd00::1]:443"), ("[fd00::1]", "[fd00::1]:443"),
    ("https://u:p@a:8443", "a:8443"),
  ]) func way(_ text: String, _ shown: String) { #expect(Registries.Way(text)?.text == shown) }

  @Test(arguments: ["", "a b", "-x", "a:0", "a:65536", "a:x", "$(id)", "https://", String(repeating: "a", count: 300)])
  func noWay(_ text: String) { #expect(Registries.Way(text) == nil) }
}
