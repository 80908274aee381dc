import Knowledge
import Model
import Testing

@Suite struct ComparisonTests {
  private func node(_ label: String, _ facts: [String: FactValue]) -> ComparedNode {
    ComparedNode(
      label: label, input: label + ".tar.gz",
      facts: Dictionary(
        uniqueKeysWithValues: facts.map { ($0.key, Fact(key: $0.key, value: $0.value, source: "test")) }),
      finding: nil)
  }

  private func keys(_ nodes: [ComparedNode]) -> [String] { Comparison(nodes).differences.map(\.key) }

  @Test func whatMustBeUniqueIsNamedWithItsNodes() throws {
    let nodes = [
      node("a", ["identity.macAddresses": .list(["52:54:00:00:00:01", "52:54:00:00:00:02"])]),
      node("b", ["identity.macAddresses": .list(["52:54:00:00:00:02"])]),
      node("c", ["identity.macAddresses": .list(["52:54:00:00:00:03"])]),
    ]
    let difference = try #require(Comparison(nodes).differences.first)
    #expect(difference.key == "identity.macAddresses")
    #expect(difference.values.map(\.value) == ["52:54:00:00:00:02"])
    #expect(difference.values.first?.nodes == ["a", "b"])
  }

  @Test func emptyIdentitiesAreNotTheSame() {
    #expect(keys([node("a", ["identity.machineId": .text("")]), node("b", ["identity.machineId": .text("")])]).isEmpty)
  }

  @Test func aNodeThatDoesNotKnowTakesNoPart() {
    #expect(keys([node("a", ["kubelet.cgroupDriver": .text("systemd")]), node("b", [:])]).isEmpty)
  }

  @Test func patchVersionsAreOnlyANote() {
    let near = Comparison([
      node("a", ["kubelet.version": .text("1.31.2")]), node("b", ["kubelet.version": .text("1.31.4")]),
    ])
    #expect(near.differences.map(\.severity) == [.info])
    let far = Comparison([
      node("a", ["kubelet.version": .text("1.31.2")]), node("b", ["kubelet.version": .text("1.29.4")]),
    ])
    #expect(far.differences.map(\.severity) == [.warning, .info])
  }

  @Test func theMostSevereComesFirstAndTheManyBeforeTheFew() throws {
    let nodes = [
      node("a", ["node.hostname": .text("n"), "os.name": .text("Debian")]),
      node("b", ["node.hostname": .text("n"), "os.name": .text("Ubuntu")]),
      node("c", ["node.hostname": .text("m"), "os.name": .text("Ubuntu")]),
    ]
    let comparison = Comparison(nodes)
    #expect(comparison.differences.map(\.key) == ["node.hostname", "os.name"])
    #expect(try #require(comparison.differences.last).values.map(\.value) == ["Ubuntu", "Debian"])
  }

  @Test func swapIsComparedByItsUse() {
    let same = [node("a", ["swap.areas": .list(["/dev/sda2"])]), node("b", ["swap.areas": .list(["/swap.img"])])]
    #expect(keys(same).isEmpty)
    #expect(keys([same[0], node("c", ["swap.areas": .list([])])]) == ["swap.areas"])
  }
}
