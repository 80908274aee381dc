import Model
import Testing

@testable import Collectors

@Suite struct KubeletCollectorTests {
  private let unit = "/usr/lib/systemd/system/kubelet.service"
  private let dropIn = "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"
  private let config = "/var/lib/kubelet/config.yaml"
  private let head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
  private let kubeadm = known(["node.distribution": .text("kubeadm")])

  private var node: MemorySource {
    MemorySource(files: [
      unit: "[Service]\nExecStart=/usr/bin/kubelet\n",
      dropIn: """
      [Service]
      Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
      EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
      ExecStart=
      ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
      """,
      "/var/lib/kubelet/kubeadm-flags.env":
        "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/crio/crio.sock --node-ip 10.0.0.1\"\n",
      config: head + "cgroupDriver: systemd\nfailSwapOn: false\n",
      "/etc/systemd/system/multi-user.target.wants/kubelet.service": "",
      "/usr/bin/kubelet": "x", "/proc/1/comm": "systemd\n", "/proc/600/comm": "containerd\n",
      "/var/lib/dpkg/status": "Package: kubelet\nStatus: install ok installed\nVersion: 1.31.2-1.1\n",
    ])
  }

  @Test func mergesFlagsAndConfiguration() {
    let collected = KubeletCollector.collect(from: node, known: kubeadm)
    let facts = values(collected)
    #expect(facts["kubelet.cgroupDriver"] == .text("systemd"))
    #expect(facts["kubelet.failSwapOn"] == .bool(false))
    #expect(facts["kubelet.runtimeEndpoint"] == .text("unix:///run/crio/crio.sock"))
    #expect(facts["kubelet.nodeIP"] == .list(["10.0.0.1"]))
    #expect(facts["kubelet.version"] == .text("1.31.2"))
    #expect(facts["kubelet.running"] == .bool(false))
    #expect(facts["kubelet.unitEnabled"] == .bool(true))
    #expect(facts["kubelet.maxPods"] == .number(110))
    let driver = collected.facts.first { $0.key == "kubelet.cgroupDriver" }
    #expect(driver?.source == config)
    #expect(driver?.line == 3)
  }

  @Test func seesAMissingConfiguration() {
    var source = node
    source.files[config] = nil
    let collected = KubeletCollector.collect(from: source, known: kubeadm)
    #expect(values(collected)["kubelet.configExists"] == .bool(false))
    #expect(collected.unknown["kubelet.cgroupDriver"] != nil)
  }

  @Test(arguments: [
    "a: [", "kind: Pod\napiVersion: v1\n", "", "kind: KubeletConfiguration\n",
    "apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n",
  ])
  func namesFaults(text: String) {
    var source = node
    source.files[config] = text
    #expect(values(KubeletCollector.collect(from: source, known: kubeadm))["kubelet.configError"]??.isEmpty == false)
  }

  @Test func prefersTheRunningProcess() {
    var source = node
    source.files["/proc/9/cmdline"] = "/usr/bin/kubelet\0--config=/other.yaml\0--network-plugin=cni\0"
    source.files["/other.yaml"] = head
    let facts = values(KubeletCollector.collect(from: source, known: kubeadm))
    #expect(facts["kubelet.running"] == .bool(true))
    #expect(facts["kubelet.configPath"] == .text("/other.yaml"))
    #expect(facts["kubelet.dockershimFlags"] == .list(["--network-plugin=cni"]))
    #expect(facts["kubelet.removedFlags"] == .list([]))
  }

  @Test func saysNothingOfWhatWasNotCaptured() {
    let source = MemorySource(open: ["/etc", "/usr", "/lib", "/var/lib", "/proc", "/bin"])
    let facts = values(KubeletCollector.collect(from: source, known: [:]))
    #expect(facts["kubelet.installed"] == nil)
    #expect(facts["kubelet.running"] == nil)
    #expect(facts["kubelet.configExists"] == nil)
  }

  @Test func doesNotTakeAProcWithoutProcessesForSilence() {
    var source = node
    source.files["/proc/1/comm"] = nil
    source.files["/proc/600/comm"] = nil
    source.files["/proc/swaps"] = ""
    #expect(values(KubeletCollector.collect(from: source, known: kubeadm))["kubelet.running"] == nil)
  }
}
