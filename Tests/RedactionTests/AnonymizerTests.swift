import Foundation
import Testing

@testable import Redaction

private func anonymized(_ text: String, _ anonymizer: Anonymizer, path: String = "/var/log/x.log") -> String {
  String(decoding: anonymizer.anonymize(Array(text.utf8), path: path), as: UTF8.self)
}

private func common(_ a: [UInt8], _ b: [UInt8]) -> Int {
  for bit in 0..<a.count * 8 where (a[bit / 8] ^ b[bit / 8]) & (0x80 >> UInt8(bit % 8)) != 0 { return bit }
  return a.count * 8
}

@Suite struct AnonymizerTests {
  private func make() -> Anonymizer { Anonymizer(seed: Array("seed".utf8)) }

  @Test func keepsPrefixes() {
    let map = AddressMap(seed: [1, 2, 3])
    var random = Random(state: 1)
    for _ in 0..<3000 {
      let a = (0..<4).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var b = a
      let bit = Int(random.next() % 32)
      b[bit / 8] ^= 0x80 >> UInt8(bit % 8)
      #expect(common(map.standIn(for: a), map.standIn(for: b)) == common(a, b))
    }
    for head: [UInt8] in [[10], [192, 168], [172, 20], [100, 70], [8, 8], [203, 0, 113], [193, 168]] {
      let a = head + (0..<4 - head.count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let made = map.standIn(for: a)
      #expect(made != a)
      func kind(_ x: [UInt8]) -> Int {
        x[0] == 10
          ? 1
          : x[0] == 192 && x[1] == 168
            ? 2 : x[0] == 172 && x[1] & 0xf0 == 16 ? 3 : x[0] == 100 && x[1] & 0xc0 == 64 ? 4 : x[0] >= 224 ? 5 : 0
      }
      #expect(kind(made) == kind(a))
    }
    for fixed: [UInt8] in [[127, 0, 0, 1], [0, 0, 0, 0], [169, 254, 1, 1], [224, 0, 0, 1], [255, 255, 255, 255]] {
      #expect(map.standIn(for: fixed) == fixed)
    }
  }

  @Test func keepsEqualEqualAndSubnetsSubnets() {
    let anonymizer = make()
    let text =
      "advertiseAddress: 10.1.2.3\npodSubnet: 10.244.0.0/16,fd00:10:244::/56\ninet 10.1.2.3/24 brd 10.1.2.255\n"
    let output = anonymized(text, anonymizer)
    #expect(!output.contains("10.1.2.3") && !output.contains("10.244.") && output.contains(".255"))
    let own = output.split(separator: "\n")[0].split(separator: " ")[1]
    #expect(output.contains("inet \(own)/24"))
    let subnet = output.split(separator: "\n")[1].split(separator: " ")[1].split(separator: ",")
    #expect(subnet[0].hasSuffix(".0.0/16") && subnet[1].hasSuffix("::/56"))
    #expect(anonymized(text, make()) == output)
    #expect(anonymized(text, Anonymizer(map: anonymizer.map)) == output)
    #expect(anonymizer.restore(output) == text)
  }

  @Test func keepsVersions() {
    let text = "containerd version 1.7.2.1, kernel 6.1.0-13, v1.31.2, v1.2.3.4, 1.31.2.0, 1.3.6.1.4.1, 12:34:56\n"
    #expect(anonymized(text, make()) == text)
  }

  @Test func replacesNames() {
    let anonymizer = make()
    anonymizer.add(host: "kn-4711.corp.acme.de")
    anonymizer.add(user: "mmustermann")
    let text =
      "kube-apiserver-kn-4711 on kn-4711.corp.acme.de: /home/mmustermann registry.acme.de:5000/x k8s.io gcr.io/pause "
      + "foo.cluster.local. config.yaml ip-10-1-2-3 io.containerd.grpc.v1.cri MAC 02:42:AC:11:00:02\n"
    let output = anonymized(text, anonymizer)
    for word in ["4711", "acme", "muster", "10-1-2-3", "AC:11"] { #expect(!output.contains(word), "\(output)") }
    for word in [
      "kube-apiserver-host-", "k8s.io", "gcr.io/pause", "foo.cluster.local.", "config.yaml", "/home/user-", ":5000/x",
      "io.containerd.grpc.v1.cri",
    ] {
      #expect(output.contains(word), "\(output)")
    }
    #expect(anonymizer.restore(output).lowercased() == text.lowercased())
  }

  /// Base64 hides the names of a certificate from nobody.
  @Test func replacesNamesInCertificates() throws {
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/node-trees/certificates.txt")
    let sections = try String(contentsOf: fixtures, encoding: .utf8).components(separatedBy: "=== ")
    func certificate(_ name: String) throws -> String {
      let section = try #require(sections.first { $0.hasPrefix(name + "\n") })
      return String(section.dropFirst(name.count + 1))
    }
    func content(_ pem: String) throws -> Data {
      let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }
      return try #require(Data(base64Encoded: lines.joined()))
    }
    let kubelet = try certificate("kubelet-worker-1")
    let path = "/var/lib/kubelet/pki/kubelet-client-current.pem"
    let anonymizer = make()
    anonymizer.learn(Array(kubelet.utf8), path: path)
    let output = anonymized(kubelet, anonymizer, path: path)
    #expect(try content(kubelet).range(of: Data("worker-1".utf8)) != nil)
    #expect(try content(output).range(of: Data("worker-1".utf8)) == nil)
    let standIn = anonymized("worker-1", anonymizer)
    #expect(standIn.hasPrefix("host-"))
    #expect(try content(output).range(of: Data("system:node:\(standIn)".utf8)) != nil)
    // In a kubeconfig, and with addresses.
    let server = try certificate("apiserver")
    let packed = anonymized(
      "certificate-authority-data: \(Data(server.utf8).base64EncodedString())\n", anonymizer, path: "/etc/kubernetes/x")
    let inner = try #require(Data(base64Encoded: packed.dropFirst(28).trimmingCharacters(in: .newlines)))
    let rewritten = try content(String(decoding: inner, as: UTF8.self))
    #expect(try content(server).range(of: Data([0x87, 4, 192, 168, 10, 11])) != nil)
    #expect(rewritten.range(of: Data([0x87, 4, 192, 168, 10, 11])) == nil)
    #expect(rewritten.range(of: Data("kubernetes.default".utf8)) != nil)
    // What is cut or no certificate passes.
    for text in ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nMII"] {
      #expect(anonymized(text, anonymizer) == text)
    }
  }

  @Test func keepsSectionsAndUnfitNames() {
    let anonymizer = make()
    anonymizer.add(host: "my_node")
    let sections = "[crio.network]\nplugin_dirs = 1\n[host]\n"
    #expect(anonymized(sections, anonymizer, path: "/etc/crio/crio.conf") == sections)
    #expect(anonymized("my_node", anonymizer).contains("_"))
    #expect(
      anonymized("::1 localhost6 localhost6.localdomain6", anonymizer) == "::1 localhost6 localhost6.localdomain6")
  }

  @Test func learnsFromFiles() {
    let anonymizer = make()
    let id = "0123456789abcdef0123456789abcdee"
    #expect(anonymized("\(id)\n", anonymizer, path: "/etc/machine-id") != "\(id)\n")
    _ = anonymized("10.9.8.7 zaphod zaphod.heart.example.com\n", anonymizer, path: "/etc/hosts")
    let output = anonymized("node zaphod has machineID \(id) heart\n", anonymizer)
    #expect(!output.contains("zaphod") && !output.contains(id))
  }

  @Test func agreesOverHexadecimalTables() throws {
    let anonymizer = make()
    let address = anonymized("10.1.2.3", anonymizer).trimmingCharacters(in: .whitespaces)
    let bytes = try #require(AddressText.v4(ArraySlice(address.utf8)))
    let hex = bytes.reversed().map { String(format: "%02X", $0) }.joined()
    let tcp = anonymized("  0: 0302010A:1F90 00000000:0000 0A 00000000\n", anonymizer, path: "/proc/net/tcp")
    #expect(tcp == "  0: \(hex):1F90 00000000:0000 0A 00000000\n")
    let tcp6 = anonymized(
      "  0: 0000000000000000FFFF00000302010A:1F90 00000000000000000000000000000000:0000 0A\n", anonymizer,
      path: "/proc/1/net/tcp6")
    #expect(tcp6.contains("0000000000000000FFFF0000\(hex):1F90"))
    let route = anonymized(
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t0002010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\n",
      anonymizer, path: "/proc/net/route")
    let network = bytes.prefix(3).reversed().map { String(format: "%02X", $0) }.joined()
    #expect(route.contains("eth0\t00\(network)\t00000000\t0001"))
    let trie = anonymized(
      "Main:\n  +-- 10.1.2.0/24 2 0 2\n     |-- 10.1.2.0\n        /24 link UNICAST\n     |-- 10.1.2.3\n        /32 host LOCAL\n",
      anonymizer, path: "/proc/net/fib_trie")
    let three = bytes.prefix(3).map(String.init).joined(separator: ".")
    #expect(
      trie.contains("+-- \(three).0/24 2 0 2") && trie.contains("|-- \(three).0\n") && trie.contains("|-- \(address)\n")
    )
    let six = anonymized("fd00::5", anonymizer)
    let flat = try #require(AddressText.v6(ArraySlice(six.utf8))).map { String(format: "%02x", $0) }.joined()
    let table = anonymized(
      "fd000000000000000000000000000005 02 40 00 80 eth0\n", anonymizer, path: "/proc/net/if_inet6")
    #expect(table == "\(flat) 02 40 00 80 eth0\n")
  }
}
