import Foundation
import Testing

@Suite struct SampleTests {
  static let folders: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: Binary.package.appendingPathComponent("samples").path)) ?? [])
    .filter { !$0.hasPrefix(".") }.sorted()

  @Test func thereAreSamples() { #expect(Self.folders.count >= 7) }

  /// `make golden` writes the reports anew.
  @Test(arguments: folders) func printsTheReport(_ name: String) throws {
    let folder = Binary.package.appendingPathComponent("samples/\(name)")
    let expected = try String(contentsOf: folder.appendingPathComponent("report.txt"), encoding: .utf8)
    let scratch = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: scratch) }
    let copy = scratch.appendingPathComponent("kubelet.log")
    try FileManager.default.copyItem(at: folder.appendingPathComponent("kubelet.log"), to: copy)
    // The lines name no year: it comes from the file's time.
    let captured = Date(timeIntervalSince1970: 1_795_521_600)
    try FileManager.default.setAttributes([.modificationDate: captured], ofItemAtPath: copy.path)
    let result = try Binary.run(["analyze", "--color", "never", "--lang", "en", "kubelet.log"], in: scratch)
    #expect(result.output == expected)
    #expect(result.errors.isEmpty)
    for line in result.output.split(separator: "\n") { #expect(!line.contains("\u{1b}")) }
  }

  @Test(arguments: [
    ("cri-disabled", "cri-plugin-disabled"), ("no-cni", "cni-not-initialized"), ("swap-on", "swap-enabled"),
    ("missing-config", "kubelet-config-missing"), ("no-runtime", "containerd-not-running"),
    ("cni-binary-missing", "cni-binary-missing"),
  ]) func namesTheRootCauseFirst(_ name: String, _ id: String) throws {
    let result = try Binary.run(["analyze", "samples/\(name)/kubelet.log", "-o", "json"])
    #expect(try Binary.activeIDs(result.output).first == id)
    #expect(result.status == 1)
  }

  @Test func aHealthyNodeIsSilent() throws {
    let result = try Binary.run(["analyze", "samples/healthy/kubelet.log", "-o", "json"])
    #expect(try Set(Binary.activeIDs(result.output)).isSubset(of: ["cni-not-initialized", "cgroup-v1-unsupported"]))
  }

  @Test func speaksChinese() throws {
    let log = "samples/cri-disabled/kubelet.log"
    let result = try Binary.run(["analyze", log], environment: ["LANG": "zh_CN.UTF-8"])
    #expect(result.output.contains("严重"))
    #expect(result.output.contains("sudo systemctl restart containerd"))
  }
}
