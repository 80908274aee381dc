import Model
import Testing

@testable import Collectors

private let trie = """
  Main:
    +-- 0.0.0.0/0 3 0 5
       |-- 0.0.0.0
          /0 universe UNICAST
       +-- 127.0.0.0/8 2 0 2
          |-- 127.0.0.1
             /32 host LOCAL
       |-- 10.0.0.5
          /32 host LOCAL
       |-- 10.0.0.255
          /32 link BROADCAST
       |-- 203.0.113.7
          /32 host LOCAL
  """

private let route = """
  Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
  eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
  eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
  cni0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
  """

private let node = MemorySource(files: [
  "/proc/net/fib_trie": trie, "/proc/net/route": route,
  "/proc/net/if_inet6": "fe800000000000000000000000000001 02 40 20 80 eth0\n",
  "/proc/net/tcp": "  sl  local_address\n   0: 0100007F:2739 00000000:0000 0A 0:0\n   1: 0500000A:0016 0:0 01 0:0\n",
  "/proc/net/tcp6": "  sl\n   0: 00000000000000000000000000000000:192B 0:0 0A 0:0\n",
  "/sys/class/net/eth0/operstate": "up\n", "/sys/class/net/eth0/flags": "0x1003\n",
  "/sys/class/net/flannel.1/operstate": "down\n", "/sys/class/net/flannel.1/flags": "0x1002\n",
  "/sys/class/net/cni0/operstate": "down\n", "/sys/class/net/cni0/flags": "0x1003\n",
  "/sys/class/net/cni0/bridge/stp_state": "0\n",
])

@Suite struct NetworkCollectorTests {
  @Test func readsTheKernelsTables() {
    let facts = values(
      NetworkCollector.collect(from: node, known: known(["kubelet.nodeIP": .text("10.0.0.9,10.0.0.5")])))
    #expect(facts["network.addresses"] == .list(["10.0.0.5", "203.0.113.7"]))
    #expect(facts["network.publicAddresses"] == .list(["203.0.113.7"]))
    #expect(facts["network.defaultRoutes"] == .list(["default via 10.0.0.1 dev eth0"]))
    #expect(facts["network.downInterfaces"] == .list(["flannel.1"]))
    #expect(facts["network.listeners"] == .list(["127.0.0.1:10041", "[::]:6443"]))
    #expect(facts["network.unboundNodeIPs"] == .list(["10.0.0.9"]))
  }

  @Test func findsNoDefaultRoute() {
    let source = MemorySource(files: ["/proc/net/route": "Iface\tDestination\n"])
    #expect(values(NetworkCollector.collect(from: source, known: [:]))["network.defaultRoutes"] == .list([]))
  }

  @Test func leavesOpenWhatWasNotCaptured() {
    let collected = NetworkCollector.collect(from: MemorySource(open: ["/proc", "/sys"]), known: [:])
    #expect(collected.facts.isEmpty)
    #expect(collected.unknown.count == NetworkCollector.answers.count)
  }

  @Test func survivesGarbage() {
    let junk = "\0|-- ::: /32 host LOCAL\n|--\n   |-- 999.1.1.1\n /32 host LOCAL\nFFFFF 0 0 zz\n: : 0A 0A:0A 0A\n"
    let names = ["fib_trie", "route", "if_inet6", "ipv6_route", "tcp", "tcp6"]
    let files = Dictionary(uniqueKeysWithValues: names.map { ("/proc/net/\($0)", junk) })
    let collected = NetworkCollector.collect(from: MemorySource(files: files), known: [:])
    #expect(collected.unknown["network.addresses"] != nil)
  }

  @Test(arguments: [
    ("::1", "::1"), ("2001:db8:0:0:0:0:0:1", "2001:db8::1"), ("::ffff:10.0.0.1", "10.0.0.1"),
    ("[fe80::1%eth0]", "fe80::1"),
    ("1::", "1::"), ("0.0.0.0", "0.0.0.0"),
  ])
  func readsAddresses(text: String, canonical: String) { #expect(IPAddress(text)?.description == canonical) }

  @Test(arguments: [
    "", ":", "1.2.3", "1.2.3.4.5", "256.1.1.1", ":::", "1:2:3:4:5:6:7:8:9", "1::2::3", "g::", "+1.2.3.4",
  ])
  func refusesAddresses(text: String) { #expect(IPAddress(text) == nil) }

  @Test func findsAddressesThatTheControlPlaneCannotBind() {
    var source = node
    source.files["/etc/kubernetes/manifests/etcd.yaml"] = """
      apiVersion: v1
      kind: Pod
      metadata: { name: etcd }
      spec:
        containers:
        - name: etcd
          image: x
          command:
          - etcd
          - --listen-client-urls=https://127.0.0.1:2379,https://198.51.100.4:2379
      """
    source.files["/etc/kubernetes/manifests/bad.yaml"] = "apiVersion: v1\n\tkind: Pod\n"
    source.files["/etc/kubernetes/kubelet.conf"] = "clusters:\n- cluster:\n    server: https://10.0.0.1:6443\n"
    let facts = values(ControlPlaneCollector.collect(from: source, known: [:]))
    #expect(facts["etcd.unboundAddresses"] == .list(["198.51.100.4"]))
    #expect(facts["apiserver.unboundAddresses"] == .list([]))
    #expect(facts["apiserver.endpoint"] == .text("10.0.0.1:6443"))
    guard case .list(let invalid)?? = facts["staticpods.invalid"] else { return #expect(Bool(false)) }
    #expect(invalid.count == 1)
    #expect(invalid.first?.hasPrefix("/etc/kubernetes/manifests/bad.yaml: line 2") == true)
  }
}
