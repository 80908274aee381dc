import Foundation
import Model
import PublicKeys
import Testing

@testable import Collectors

/// Makes a key and a certificate for it with openssl(1); nil where the machine has none.
private func makePair(_ algorithm: [String], _ convert: [String]) throws -> (certificate: String, key: String)? {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  func run(_ arguments: [String]) throws -> Bool {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
  guard
    try run(["req", "-x509", "-nodes", "-subj", "/CN=x", "-keyout", "k", "-out", "c"] + algorithm),
    try run(convert + ["-in", "k", "-out", "key"])
  else {
    print("skipped: openssl is not there or refuses")
    return nil
  }
  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }
  return (try text("c"), try text("key"))
}

private let rsa = ["-newkey", "rsa:2048"]
private let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]

@Suite struct KeyPairTests {
  @Test(arguments: [
    (rsa, ["rsa", "-traditional"]), (rsa, ["pkcs8", "-topk8", "-nocrypt"]), (curve, ["ec"]),
    (curve, ["pkcs8", "-topk8", "-nocrypt"]),
  ]) func tellsPairsApart(_ algorithm: [String], _ convert: [String]) throws {
    guard let mine = try makePair(algorithm, convert), let other = try makePair(algorithm, convert) else { return }
    let digest = try #require(PublicKeyDigest(pem: mine.key))
    let der = try #require(Certificate.all(pem: mine.certificate)?.first?.der)
    #expect(PublicKeyDigest(certificate: der) == digest)
    let path = "/etc/kubernetes/pki/apiserver.crt"
    func mismatch(_ key: String) -> FactValue?? {
      let source = MemorySource(files: [path: mine.certificate, "/etc/kubernetes/pki/apiserver.key": key])
      return values(CertificatesCollector.collect(from: source, known: [:]))["cert.keyMismatch"]
    }
    #expect(mismatch(mine.key) == .list([]))
    #expect(mismatch(other.key) == .list([path]))
    let marker =
      "-----BEGIN PRIVATE KEY-----\n(hidden-private-key)\n-----END PRIVATE KEY----- (hidden-private-key-\(digest.marker))\n"
    #expect(mismatch(marker) == .list([]))
    #expect(mismatch("-----BEGIN PRIVATE KEY-----\n(hidden-private-key)\n-----END PRIVATE KEY-----\n") == nil)
    #expect(mismatch("") == nil)
  }

  @Test func readsPairsOfKubeconfigs() throws {
    guard let mine = try makePair(curve, ["ec"]), let other = try makePair(curve, ["ec"]) else { return }
    func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
    func mismatch(_ key: String) -> FactValue?? {
      let text =
        "users:\n- name: x\n  user:\n    client-certificate-data: \(encoded(mine.certificate))\n    client-key-data: \(key)\n"
      let source = MemorySource(files: ["/etc/kubernetes/admin.conf": text])
      return values(CertificatesCollector.collect(from: source, known: [:]))["cert.keyMismatch"]
    }
    #expect(mismatch(encoded(mine.key)) == .list([]))
    #expect(mismatch(encoded(other.key)) == .list(["/etc/kubernetes/admin.conf"]))
    let digest = try #require(PublicKeyDigest(pem: other.key))
    #expect(mismatch("(hidden-private-key-\(digest.marker))") == .list(["/etc/kubernetes/admin.conf"]))
  }

  @Test func leavesOpenWhatItCannotRead() {
    let source = MemorySource(open: ["/etc"])
    #expect(CertificatesCollector.collect(from: source, known: [:]).unknown["cert.keyMismatch"] != nil)
  }
}
