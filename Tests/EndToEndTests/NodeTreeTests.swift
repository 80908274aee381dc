import Foundation
import Testing

/// Whole nodes as trees of files: each broken in one way, or healthy, or no node at all.
@Suite struct NodeTreeTests {
  static let trees = NodeTrees()
  static let broken = trees.cases.filter { !$0.expected.isEmpty }
  static let healthy = trees.cases.filter(\.expected.isEmpty)

  @Test func thereAreTrees() {
    #expect(Self.broken.count >= 150)
    #expect(Self.healthy.count >= 36)
    #expect(Set(Self.trees.cases.map(\.name)).count == Self.trees.cases.count)
  }

  @Test(arguments: broken) func namesWhatIsBrokenAndNothingElse(_ item: NodeTrees.Case) throws {
    let (ids, result) = try diagnose(item)
    #expect(ids.first == item.expected.first, "\(ids)")
    #expect(Set(ids).isSubset(of: item.expected), "\(ids)")
    #expect(result.status == 1 || item.expected == ["dns-nameserver-limit"])
  }

  @Test(arguments: healthy) func isSilentOfHealth(_ item: NodeTrees.Case) throws {
    let (ids, result) = try diagnose(item)
    #expect(ids.isEmpty, "\(ids)")
    #expect(result.status == 0 || result.status == 3)
  }

  /// The ids of the active findings that count, and of the expected one even where it is advice.
  private func diagnose(_ item: NodeTrees.Case) throws -> ([String], Binary.Result) {
    let root = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    try Self.trees.build(item, at: root)
    let result = try Binary.run(["diagnose", "--root", root.path, "-o", "json"])
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let findings = try #require(report["findings"] as? [[String: Any]])
    let ids = findings.filter { finding in
      finding["status"] as? String == "active"
        && (finding["severity"] as? String != "info" || item.expected.contains(finding["id"] as? String ?? ""))
    }.compactMap { $0["id"] as? String }
    return (ids, result)
  }
}
