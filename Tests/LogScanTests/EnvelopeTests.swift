import Model
import Testing

@testable import LogScan

@Suite struct EnvelopeTests {
  struct Sample: Sendable {
    let line: String
    var host: String?
    var unit: String?
    var time: String?
    let message: String
  }

  static let samples: [Sample] = [
    Sample(
      line: "Nov 23 10:02:11 node-1 kubelet[812]: E1123 10:02:11.123456     812 run.go:74] \"command failed\"",
      host: "node-1", unit: "kubelet", time: "2026-11-23T10:02:11", message: "\"command failed\""),
    Sample(
      line: "2026-11-23T10:02:11.500000+0100 node-1 containerd[99]: time=\"x\"", host: "node-1", unit: "containerd",
      time: "2026-11-23T09:02:11.500000Z", message: "time=\"x\""),
    Sample(
      line: "Mon 2026-11-23 10:02:11 UTC node-1 kubelet.service[812]: hello", host: "node-1", unit: "kubelet",
      time: "2026-11-23T10:02:11Z", message: "hello"),
    Sample(
      line: "11月 23 10:02:11 node-1 dockerd[7]: hello", host: "node-1", unit: "docker", time: "2026-11-23T10:02:11",
      message: "hello"),
    Sample(
      line: "2026-11-23T10:02:11.123456789Z stderr F I1123 10:02:11.000001       1 main.go:5] hello",
      time: "2026-11-23T10:02:11.123457Z", message: "hello"),
    Sample(line: "[   12.345678] Out of memory", unit: "kernel", message: "Out of memory"),
    Sample(
      line: "[Mon Nov 23 10:02:11 2026] Out of memory", unit: "kernel", time: "2026-11-23T10:02:11",
      message: "Out of memory"),
    Sample(
      line: "<30>1 2026-11-23T10:02:11.5Z node-1 kubelet 812 - - hello", host: "node-1", unit: "kubelet",
      time: "2026-11-23T10:02:11.500000Z", message: "hello"),
    Sample(
      line: "time=\"2026-11-23T10:02:11Z\" level=error msg=\"hello\"", time: "2026-11-23T10:02:11Z",
      message: "time=\"2026-11-23T10:02:11Z\" level=error msg=\"hello\""),
    Sample(line: "error execution phase preflight: x", message: "error execution phase preflight: x"),
    Sample(
      line: "Nov 23 10:02:11 node-1 k3s[812]: hello", host: "node-1", time: "2026-11-23T10:02:11", message: "hello"),
  ]

  @Test(arguments: samples) func takesHeadersOff(_ sample: Sample) {
    let bytes = Array(sample.line.utf8)
    let envelope = Envelope.parse(bytes[...])
    let reference = LogTime(seconds: 1_796_000_000, hasZone: true)
    #expect(envelope.host == sample.host)
    #expect(envelope.unit == sample.unit)
    #expect(envelope.time?.moment(before: reference, zone: nil)?.rfc3339 == sample.time)
    #expect(String(decoding: bytes[envelope.start...], as: UTF8.self) == sample.message)
  }

  @Test func neverTrapsOnCutLines() {
    for sample in Self.samples {
      let bytes = Array(sample.line.utf8)
      for end in 0...bytes.count { _ = Envelope.parse(bytes[..<end]) }
    }
  }
}
