import Foundation
import Testing

/// What `diagnose --root` says of a tree is what `analyze` says of its bundles.
@Suite struct ReplayTests {
  /// Some of the trees: all of them take minutes.
  private static let cases = NodeTreeTests.trees.cases.enumerated().filter { $0.offset % 24 == 0 }.map(\.element)

  @Test(arguments: cases) func replayIsWhatDiagnoseSaid(_ item: NodeTrees.Case) throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let root = folder.appendingPathComponent("root")
    try NodeTreeTests.trees.build(item, at: root)
    func findings(_ arguments: [String]) throws -> [NSDictionary] { try Self.findings(of: said(arguments)) }
    func said(_ arguments: [String]) throws -> String {
      try Binary.run(arguments + ["-o", "json"], in: folder, environment: [:]).output
    }
    func bundle(_ arguments: [String]) throws {
      let result = try Binary.run(["bundle"] + arguments, in: folder, environment: [:])
      #expect(result.status == 0, "\(result.errors)")
    }
    let expected = try findings(["diagnose", "--root", root.path])
    try bundle(["--root", root.path, "a.tar.gz"])
    #expect(try findings(["analyze", "a.tar.gz"]) == expected)
    try bundle(["--from", "a.tar.gz", "b.tar.zst"])
    #expect(try findings(["analyze", "b.tar.zst"]) == expected)
    try bundle(["--anonymize", "--root", root.path, "c.tar.gz"])
    let map = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.appendingPathComponent("c.tar.gz.map.json"))) as? [String: String])
    var text = try said(["analyze", "c.tar.gz"])
    for (standIn, original) in map.sorted(by: { ($0.key.count, $0.key) > ($1.key.count, $1.key) }) {
      text = text.replacingOccurrences(of: standIn, with: original)
    }
    #expect(try Self.findings(of: text) == expected)
  }

  private static func findings(of json: String) throws -> [NSDictionary] {
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any], "\(json.prefix(300))")
    return try #require(report["findings"] as? [NSDictionary])
  }
}
