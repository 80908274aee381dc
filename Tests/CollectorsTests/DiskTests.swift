import Model
import Testing

@testable import Collectors

/// What the files of a disk say where its kernel was not captured, and what files say that nobody runs yet.
@Suite struct DiskTests {
  private func facts(
    _ collector: any Collector.Type, _ files: [String: String], open: [String] = ["/proc", "/sys"],
    _ known: KnownFacts = [:]
  ) -> [String: FactValue?] {
    values(collector.collect(from: MemorySource(files: files, open: open), known: known))
  }

  @Test func knowsADisk() {
    let files = ["/etc/hostname": "n\n"]
    #expect(facts(OSCollector.self, files)["node.isDisk"] == .bool(true))
    #expect(facts(OSCollector.self, files, open: [])["node.isDisk"] == .bool(false))
    #expect(facts(OSCollector.self, ["/proc/uptime": "1 1\n"], open: ["/sys"])["node.isDisk"] == .bool(false))
    #expect(facts(OSCollector.self, [:], open: ["/etc", "/proc", "/usr/lib"]).isEmpty)
  }

  @Test func findsWhatTurnsSwapOnAtBoot() {
    let generator = ["/usr/lib/systemd/system-generators/zram-generator": "x"]
    let zram = generator.merging(["/usr/lib/systemd/zram-generator.conf": "# x\n[zram0]\n"]) { $1 }
    let path = "/usr/lib/systemd/zram-generator.conf"
    #expect(facts(SwapCollector.self, zram)["swap.bootAreas"] == .list([path]))
    let off = zram.merging(["/etc/systemd/zram-generator.conf": ""]) { $1 }
    #expect(facts(SwapCollector.self, off)["swap.bootAreas"] == .list([]))
    #expect(
      facts(SwapCollector.self, ["/usr/lib/systemd/zram-generator.conf": "[zram0]\n"])["swap.bootAreas"] == .list([]))
    let unit = "/etc/systemd/system/swap.target.wants/dev-sdb1.swap"
    #expect(
      facts(SwapCollector.self, ["/etc/fstab": "/swap.img none swap sw 0 0\n", unit: ""])["swap.bootAreas"]
        == .list(["/swap.img", unit]))
    #expect(facts(SwapCollector.self, [:], open: ["/etc", "/proc"]).isEmpty)
  }

  @Test func takesParametersFromTheFilesThatSetThem() {
    let files = [
      "/etc/sysctl.d/50-k8s.conf": "net.ipv4.ip_forward = 1\n-net/bridge/bridge-nf-call-iptables=0\n",
      "/usr/lib/sysctl.d/90-hardening.conf": "# net.ipv4.ip_forward = 1\nnet.ipv4.ip_forward=0\n",
      "/usr/lib/sysctl.d/50-k8s.conf": "net.ipv4.ip_forward = 5\n",
    ]
    let source = MemorySource(files: files, open: ["/proc"])
    let forward = SysctlCollector.collect(from: source, known: [:]).facts.first { $0.key == "sysctl.ipForward" }
    #expect(forward?.value == .number(0))
    #expect(forward?.source == "/usr/lib/sysctl.d/90-hardening.conf")
    #expect(forward?.line == 2)
    #expect(facts(SysctlCollector.self, files)["sysctl.bridgeNfCallIptables"] == .number(0))
    // That a file turns it on does not refute a log that says otherwise.
    let on = ["/etc/sysctl.d/k8s.conf": "net.ipv4.ip_forward = 1\n"]
    #expect(facts(SysctlCollector.self, on).isEmpty)
    // Where the kernel was captured, it is right.
    var live = files
    live["/proc/sys/net/ipv4/ip_forward"] = "1\n"
    #expect(facts(SysctlCollector.self, live, open: [])["sysctl.ipForward"] == .number(1))
  }

  @Test func mergesTheDropInsOfTheKubelet() {
    let head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
    var files = [
      "/etc/systemd/system/kubelet.service":
        "[Service]\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubelet.d\n",
      "/var/lib/kubelet/config.yaml": head + "cgroupDriver: systemd\nfailSwapOn: true\n",
      "/etc/kubelet.d/10-a.conf": head + "cgroupDriver: systemd\n",
      "/etc/kubelet.d/90-b.conf": head + "cgroupDriver: cgroupfs\n", "/etc/kubelet.d/95-c.yaml": "x: [",
    ]
    let node = known(["node.distribution": .text("kubeadm"), "node.isKubernetes": .bool(true)])
    let merged = facts(KubeletCollector.self, files, node)
    #expect(merged["kubelet.cgroupDriver"] == .text("cgroupfs"))
    #expect(merged["kubelet.failSwapOn"] == .bool(true))
    files["/etc/kubelet.d/99-d.conf"] = "a: ["
    let error = facts(KubeletCollector.self, files, node)["kubelet.configError"]??.text
    #expect(error?.hasPrefix("/etc/kubelet.d/99-d.conf: ") == true)
  }

  @Test(arguments: [
    ("    - name: a\n      image: b\n", true), ("    - name: a\n", false), ("    - image: b\n", false),
    ("    - name: a\n      image: ''\n", false),
  ])
  func wantsANameAndAnImageOfStaticPods(container: String, isValid: Bool) {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n" + container
    let source = MemorySource(files: ["/etc/kubernetes/manifests/x.yaml": pod])
    #expect(StaticPod.folder(in: source, known: [:]).value?.invalid.isEmpty == isValid)
  }

  @Test func findsTheKubeletsPortLedElsewhere() {
    let node = known(["node.isKubernetes": .bool(true), "node.role": .text("worker")])
    let rule = "-A PREROUTING -p tcp -m multiport --dports 80,10250:10260 -j DNAT --to-destination 192.0.2.9"
    var files = ["/etc/iptables/rules.v4": "*nat\n\(rule)\nCOMMIT\n"]
    #expect(facts(FirewallCollector.self, files, node)["firewall.kubeletRedirect"] == .some(nil))
    files["/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service"] = ""
    #expect(facts(FirewallCollector.self, files, node)["firewall.kubeletRedirect"] == .text(rule))
    files["/etc/iptables/rules.v4"] =
      "*nat\n-A PREROUTING -p tcp --dport 443 -j DNAT --to-destination 192.0.2.9:10250\n"
    #expect(facts(FirewallCollector.self, files, node)["firewall.kubeletRedirect"] == .some(nil))
  }

  @Test func looksAtTheProxiesOfTheAPIServer() {
    let pod = """
      apiVersion: v1
      kind: Pod
      metadata: { name: kube-apiserver }
      spec:
        containers:
        - name: kube-apiserver
          image: x
          command: [kube-apiserver, --service-cluster-ip-range=10.96.0.0/12]
          env:
          - { name: HTTPS_PROXY, value: "http://192.0.2.80:3128" }
          - { name: NO_PROXY, value: "127.0.0.1" }
      """
    let path = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    #expect(facts(ProxyCollector.self, [path: pod])["proxy.noProxyMissing"] == .list(["10.96.0.0/12"]))
    let fine = pod.replacing("\"127.0.0.1\"", with: "\"10.96.0.0/12\"")
    #expect(facts(ProxyCollector.self, [path: fine])["proxy.noProxyMissing"] == .list([]))
  }

  @Test func comparesFlannelsPartWithItsNetwork() {
    let path = "/run/flannel/subnet.env"
    let node = known(["flannel.used": .bool(true)])
    let other = [path: "FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\n"]
    #expect(facts(PodNetworkCollector.self, other, node)["flannel.networkMismatch"] == .text("10.42.0.0/16"))
    let own = [path: "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\n"]
    #expect(facts(PodNetworkCollector.self, own, node)["flannel.networkMismatch"] == .some(nil))
  }

  @Test func seesThatTheRuntimeIsMasked() {
    let node = known([
      "runtime.endpoint": .text("/run/containerd/containerd.sock"), "runtime.name": .text("containerd"),
    ])
    let unit = "/etc/systemd/system/containerd.service"
    #expect(facts(RuntimeEndpointCollector.self, [unit: ""], node)["runtime.down"] == .text("containerd"))
    #expect(facts(RuntimeEndpointCollector.self, [unit: "[Service]\n"], node)["runtime.down"] == nil)
  }

  @Test func seesAnUplinkWithoutCarrier() {
    let route = "Iface Destination Gateway Flags RefCnt Use Metric Mask\n"
    func files(_ states: [(name: String, state: String)]) -> [String: String] {
      let lines = states.map { "\($0.name) 00000000 0100000A 0003 0 0 0 00000000 0 0 0\n" }
      var files = ["/proc/net/route": route + lines.joined()]
      for (name, state) in states {
        files["/sys/class/net/\(name)/operstate"] = state + "\n"
        files["/sys/class/net/\(name)/flags"] = "0x1003\n"
      }
      return files
    }
    func down(_ states: [(name: String, state: String)]) -> FactValue?? {
      facts(NetworkCollector.self, files(states), open: [])["network.downUplinks"]
    }
    #expect(down([("eth0", "down")]) == .list(["eth0"]))
    #expect(down([("eth0", "down"), ("eth1", "up")]) == .list([]))
    #expect(down([("eth0", "up")]) == .list([]))
    #expect(down([]) == .list([]))
  }
}
