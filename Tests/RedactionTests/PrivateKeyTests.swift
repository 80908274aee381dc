import Foundation
import PublicKeys
import Testing

@testable import Redaction

/// An RSA key whose numbers are made up: it opens nothing, but has the form of one.
private func makeKey(_ byte: UInt8) -> (body: String, digest: PublicKeyDigest?) {
  func integer(_ count: Int) -> [UInt8] {
    [0x02, 0x82, 0, UInt8(count), 0x11] + (1..<count).map { UInt8(truncatingIfNeeded: $0) &* byte }
  }
  let fields = [0x02, 0x01, 0x00] + integer(128) + [0x02, 0x03, 1, 0, 1] + integer(128) + integer(64) + integer(64)
  let der: [UInt8] = [0x30, 0x82, UInt8(fields.count >> 8), UInt8(fields.count & 255)] + fields
  return (Data(der).base64EncodedString(), PublicKeyDigest(privateKey: der))
}

@Suite struct PrivateKeyTests {
  private func redacted(_ text: String, _ path: String = "/etc/kubernetes/pki/x.key") -> String {
    String(decoding: Redactor().redact(Array(text.utf8), path: path), as: UTF8.self)
  }

  private func lines(_ body: String) -> [String] {
    stride(from: 0, to: body.count, by: 64).map { String(body.dropFirst($0).prefix(64)) }
  }

  @Test func leavesTheDigestOfThePublicHalf() throws {
    let (body, digest) = makeKey(7)
    let marker = try #require(digest?.marker)
    let pem = (["-----BEGIN RSA PRIVATE KEY-----"] + lines(body) + ["-----END RSA PRIVATE KEY-----", ""]).joined(
      separator: "\n")
    let texts = [
      (pem, "/etc/kubernetes/pki/x.key"),
      ("key: |\n" + pem.split(separator: "\n").map { "  \($0)\n" }.joined(), "/etc/x.yaml"),
      (#"{"private_key":"\#(pem.replacingOccurrences(of: "\n", with: "\\n"))","x":1}"#, "/x.json"),
      (#"msg="{\"k\":\"\#(pem.replacingOccurrences(of: "\n", with: "\\\\n"))\"}" x"#, "/var/log/x.log"),
      ("    client-key-data: \(Data(pem.utf8).base64EncodedString())\n", "/etc/kubernetes/admin.conf"),
      (pem.split(separator: "\n").map { "Nov 25 10:00:00 node app[1]: \($0)\n" }.joined(), "/var/log/syslog"),
    ]
    for (text, path) in texts {
      let output = redacted(text, path)
      for line in lines(body) { #expect(!output.contains(line), "\(path): \(output)") }
      #expect(output.contains(marker), "\(path): \(output)")
      #expect(PublicKeyDigest(pem: output) == digest)
      #expect(redacted(output, path) == output, "\(path)")
      #expect(output.count(where: { $0 == "\n" }) == text.count(where: { $0 == "\n" }))
    }
  }

  @Test func keepsTheCertificateBesideAKey() throws {
    let (body, digest) = makeKey(9)
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIBpDCCAUqgAwIBAgIUPckHDZlkHAI=\n-----END CERTIFICATE-----\n"
    let pem = certificate + "-----BEGIN RSA PRIVATE KEY-----\n\(body)\n-----END RSA PRIVATE KEY-----\n"
    #expect(redacted(pem).hasPrefix(certificate))
    let output = redacted("bundle: \(Data(pem.utf8).base64EncodedString())\n", "/etc/x.yaml")
    let inner = String(
      decoding: try #require(Data(base64Encoded: String(output.dropFirst(8).dropLast()))), as: UTF8.self)
    #expect(inner.hasPrefix(certificate) && !inner.contains(body))
    #expect(PublicKeyDigest(pem: inner) == digest)
    #expect(redacted(certificate) == certificate)
  }

  @Test func doesNotSwallowALogAfterACutKey() {
    let text = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIAAAAAAA\nI1125 10:00:00 all is well\nmore\n"
    let output = redacted(text, "/var/log/x.log")
    #expect(output == "-----BEGIN EC PRIVATE KEY-----\n(hidden-private-key)\nI1125 10:00:00 all is well\nmore\n")
  }
}
