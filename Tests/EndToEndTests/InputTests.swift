import Foundation
import Testing

/// The same log, however it is packed, gives the same findings; what cannot be read is said.
@Suite struct InputTests {
  static let log = "samples/cri-disabled/kubelet.log"

  private func shell(_ command: String, in folder: URL) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-ec", command]
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command)")
  }

  @Test(arguments: [
    "gzip -c log > packed", "bzip2 -c log > packed", "xz -c log > packed", "tar cf packed log",
    "tar czf packed log", "tar cJf packed log", "gzip -k log && tar cf packed log.gz",
  ]) func unpacks(_ command: String) throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(
      at: Binary.package.appendingPathComponent(Self.log), to: folder.appendingPathComponent("log"))
    try shell(command, in: folder)
    let result = try Binary.run(["analyze", "packed", "-o", "json"], in: folder)
    #expect(try Binary.activeIDs(result.output).first == "cri-plugin-disabled")
  }

  @Test func readsStandardInputAndFolders() throws {
    let data = try Data(contentsOf: Binary.package.appendingPathComponent(Self.log))
    let result = try Binary.run(["analyze", "-", "-o", "json"], input: data)
    #expect(try Binary.activeIDs(result.output).first == "cri-plugin-disabled")
    let folder = try Binary.run(["analyze", "samples/cri-disabled", "-o", "json"])
    #expect(try Binary.activeIDs(folder.output).first == "cri-plugin-disabled")
  }

  @Test func whatCannotBeReadIsSaidAndTheRestGoesOn() throws {
    let result = try Binary.run(["analyze", "/nonexistent", Self.log, "-o", "json"])
    #expect(result.status == 1)
    #expect(result.errors.contains("/nonexistent: no such file"))
  }

  @Test(arguments: [
    ["rules", "lint", "/nonexistent"], ["rules", "test", "samples"], ["analyze", "--knowledge", "/nonexistent", log],
    ["analyze", "/nonexistent"], ["analyze", "/dev/null"], ["analyze", "-"], ["explain", "no-such-id"],
  ])
  func whatCannotBeDoneEndsWith2(_ arguments: [String]) throws {
    let result = try Binary.run(arguments)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
  }

  @Test func whatCouldNotBeAskedIsNoPassedCheck() throws {
    let result = try Binary.run(["analyze", Self.log, "-o", "json"])
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let summary = try #require(report["summary"] as? [String: Int])
    #expect((summary["checksSkipped"] ?? 0) > 20)
  }

  @Test func aWrongCommandLineEndsWith64() throws {
    #expect(try Binary.run(["analyze"]).status == 64)
    #expect(try Binary.run(["analyze", "x", "--output", "nonsense"]).status == 64)
  }

  @Test func damageAndNoiseAreNoCrash() throws {
    var bytes = Data(count: 300_000)
    var state: UInt64 = 7
    for index in bytes.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bytes[index] = UInt8(truncatingIfNeeded: state >> 33)
    }
    let noise = try Binary.run(["analyze", "-"], input: bytes)
    #expect(noise.status == 2)
    #expect(noise.errors.contains("-: is no text"))
    let cut = try Binary.run(["analyze", "-"], input: Data([0x1f, 0x8b, 8, 0, 1, 2, 3]))
    #expect([2, 3].contains(cut.status))
  }

  @Test func hostileTextReachesNoTerminal() throws {
    let line = "E1123 10:00:00.000000 1 x.go:1] unknown service runtime.v1.RuntimeService \u{1b}]0;x\u{7} end\n"
    let result = try Binary.run(["analyze", "-", "--color", "never"], input: Data(line.utf8))
    #expect(result.output.contains("cri-plugin-disabled"))
    #expect(!result.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }
}
