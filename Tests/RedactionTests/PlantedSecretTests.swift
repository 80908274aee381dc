import Foundation
import Testing

@testable import Redaction

private func redacted(_ text: String, path: String) -> String {
  String(decoding: Redactor().redact(Array(text.utf8), path: path), as: UTF8.self)
}

/// Everything that a reader could make of `text`: as it is, percent-decoded, and each run of base64 decoded.
private func readings(_ text: String) -> [String] {
  var all = [text, text.removingPercentEncoding ?? ""]
  let runs = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "+/=-_".contains($0))) }
  for run in runs where run.count >= 8 {
    var body = run.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
      .replacingOccurrences(of: "=", with: "")
    if body.count % 4 == 1 { body.removeLast() }
    body += String(repeating: "=", count: (4 - body.count % 4) % 4)
    if let data = Data(base64Encoded: body) { all.append(String(decoding: data, as: UTF8.self)) }
  }
  return all
}

@Suite struct PlantedSecretTests {
  @Test(arguments: Planted.all) func hides(_ planted: Planted) {
    for secret in planted.secrets(8) {
      let text = planted.template.replacingOccurrences(of: "§", with: secret)
      let output = redacted(text, path: planted.path)
      #expect(!readings(output).contains { $0.contains(secret) }, "\(text) -> \(output)")
      #expect(output.contains("(hidden-"), "\(text) -> \(output)")
      #expect(redacted(output, path: planted.path) == output, "not idempotent: \(output)")
      #expect(
        output.split(separator: "\n", omittingEmptySubsequences: false).count
          == text.split(separator: "\n", omittingEmptySubsequences: false).count)
    }
  }

  @Test func hidesWhatBase64Hides() {
    for planted in Planted.all.filter({ $0.path.hasSuffix(".json") || $0.name.contains("json") }) {
      for secret in planted.secrets(5) {
        let inner = planted.template.replacingOccurrences(of: "§", with: secret)
        guard inner.hasPrefix("{") else { continue }
        let output = redacted("payload \(Data(inner.utf8).base64EncodedString()) end", path: "/var/log/x.log")
        #expect(!readings(output).contains { $0.contains(secret) }, "\(inner)")
        #expect(output.hasPrefix("payload ") && output.hasSuffix(" end"))
      }
    }
  }

  @Test func hidesWhatBase64HidesAnywhere() {
    for shift in 0..<6 {
      let inner = String(repeating: "#", count: 40 + shift) + "cloud-config\nx:\n  password: s3cr3tOfTheCloud\n"
      for text in [
        Data(inner.utf8).base64EncodedString(),
        inner.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
      ] {
        let output = redacted("userdata \(text) end", path: "/var/log/x.log")
        #expect(!readings(output).contains { $0.contains("s3cr3tOfTheCloud") })
        #expect(output.hasPrefix("userdata ") && output.hasSuffix(" end") && output.contains("(hidden-"), "\(output)")
      }
    }
  }

  /// Lines of a key come one an entry, and entries of others between them.
  @Test func followsEachWriterOfAJournal() {
    let redactor = Redactor()
    func pass(_ text: String, _ writer: String) -> String {
      var text = text
      return text.withUTF8 {
        String(
          decoding: redactor.redactBlock(UnsafeRawBufferPointer($0), path: "journal", writer: Array(writer.utf8)),
          as: UTF8.self)
      }
    }
    let first = [
      "-----BEGIN EC PRIVATE KEY-----", "Zmlyc3QgbGluZSBvZiBh", "c2Vjb25kIGxpbmU", "-----END EC PRIVATE KEY-----",
    ]
    for line in first {
      let output = pass(line, "etcd")
      #expect(output.contains("-----") || output == "(hidden-private-key)", "\(output)")
      #expect(pass("plainwords", "kubelet") == "plainwords")
    }
    #expect(pass("Zmlyc3QgbGluZSBvZiBh", "etcd") == "Zmlyc3QgbGluZSBvZiBh")
    let secret = pass("{\"kind\":\"Secret\",\n\"data\":{\"a\":\"c2VjcmV0ZGF0YQ==\"}}", "kubelet")
    #expect(!secret.contains("c2VjcmV0ZGF0YQ=="))
  }

  @Test func isTheSameInBlocksAndAsAWhole() {
    var random = Random(state: 7)
    var text = ""
    for planted in Planted.all where planted.path.hasSuffix(".log") || planted.path == "/etc/kubernetes/x.yaml" {
      text += planted.template.replacingOccurrences(of: "§", with: planted.secrets(1)[0]) + "\nplain line\n"
    }
    text += "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\nAAAA\n-----END EC PRIVATE KEY-----\nend\n"
    let bytes = Array(text.utf8)
    let whole = Redactor().redact(bytes, path: "/var/log/x.log")
    let ends = bytes.indices.filter { bytes[$0] == 10 }.map { $0 + 1 }
    for round in 0..<60 {
      let cuts = round == 0 ? ends : ends.filter { _ in random.next() % 4 == 0 } + [bytes.count]
      let redactor = Redactor()
      var result: [UInt8] = []
      var position = 0
      for cut in cuts where cut > position {
        result += bytes[position..<cut].withUnsafeBytes { redactor.redactBlock($0, path: "/var/log/x.log") }
        position = cut
      }
      redactor.endStream()
      // Where they part, not the whole of both.
      let place = zip(result, whole).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let near = max(0, (place ?? 0) - 200)
      let (a, b) = (
        String(decoding: result[near...].prefix(300), as: UTF8.self),
        String(decoding: whole[near...].prefix(300), as: UTF8.self)
      )
      #expect(place == nil && result.count == whole.count, "\(a)\n---\n\(b)")
    }
  }

  @Test func countsWhatItRemoved() {
    let redactor = Redactor()
    _ = redactor.redact(Array("password=abc123\ntoken=abcDEF123\npassword=xyz987\n".utf8), path: "/var/log/a.log")
    #expect(redactor.removed == ["/var/log/a.log": ["password": 2, "token": 1]])
  }

  @Test func movesAMatchAlong() {
    let redactor = Redactor()
    let message = "login password=abc123xyz failed: no route"
    let start = message.utf8.count - 8
    let result = redactor.redact(message: message, match: start..<message.utf8.count)
    #expect(result.text == "login password=(hidden-password) failed: no route")
    let range = result.match ?? 0..<0
    #expect(String(decoding: Array(result.text.utf8)[range], as: UTF8.self) == "no route")
    #expect(redactor.redact(message: "plain", match: 1..<3).match == 1..<3)
  }

  @Test func takesHostileLinesInLinearTime() {
    let parts = [
      "password=", "-----BEGIN PRIVATE KEY-----\"", "://", "eyJ", "mysql ", "\"token\":",
      "{\"kind\":\"Secret\",\"data\":{",
      "Authorization: ", "\\\"", "a:b@tcp(", "AKIA", "--token ", "token ", "aaaaaaaa", "secret\\", "key: [",
      "<password ", ":5432:", ":thin:", "<<< ", "encrypt=", "-----BEGIN%20", "random_password ", "user a on ",
      "?command=", "vault login ", "form-data;", "[45 45 45 45 45 45 45 45 45 45 45 ", "'token', '", "tokens: {\"",
      "| token ", "\\u0074oken", "-U a%", "send '", "Ab1+",
    ]
    for part in parts {
      let line = String(repeating: part, count: 100_000 / part.utf8.count)
      let start = ContinuousClock.now
      _ = Redactor().redact(Array(line.utf8), path: "/var/log/x.log")
      #expect(ContinuousClock.now - start < .seconds(5), "\(part)")
    }
  }

  @Test func survivesAnyBytes() {
    var random = Random(state: 3)
    let text = Array(Planted.all.map(\.template).joined(separator: "\n").utf8)
    for _ in 0..<8 {
      var bytes = text
      for _ in 0..<400 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
      for path in ["/var/log/x", "/etc/x.yaml", "/proc/1/environ", "/etc/shadow", "/x/hosts.toml"] {
        _ = Redactor().redact(Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)))), path: path)
      }
    }
  }
}
