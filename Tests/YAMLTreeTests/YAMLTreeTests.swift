import Testing
import YAMLTree

@Suite struct YAMLTreeTests {
  @Test func knowsTheLineOfEveryValue() throws {
    let tree = try YAMLNode.parse(Array("a: 1\nb:\n  - x\n  - 'true'\n".utf8))
    #expect(tree["a"]?.text == "1")
    #expect(tree["b"]?.line == 3)
    #expect(tree["b"]?.items.map(\.line) == [3, 4])
  }

  @Test func tellsAQuotedWordFromABoolean() throws {
    let tree = try YAMLNode.parse(Array("[true, false, 'null', null]".utf8))
    #expect(tree.items.map(\.bool) == [true, false, nil, nil])
    #expect(tree.items.map(\.text) == ["true", "false", "null", nil])
  }

  @Test func namesTheLineOfAFault() {
    let fault = #expect(throws: YAMLError.self) { try YAMLNode.parse(Array("a: 1\nb: [1\n".utf8)) }
    #expect((fault?.line ?? 0) >= 2)
  }

  @Test func refusesAliasesAndDepth() {
    #expect(throws: YAMLError.self) { try YAMLNode.parse(Array("a: &x 1\nb: *x\n".utf8)) }
    #expect(throws: YAMLError.self) {
      try YAMLNode.parse(Array((String(repeating: "[", count: 300) + String(repeating: "]", count: 300)).utf8))
    }
  }

  @Test func survivesEncoding() throws {
    let tree = try YAMLNode.parse(Array("a: {b: ['1', 2], c: 中文}\nd: |\n  x\n  y\n".utf8))
    var bytes: [UInt8] = []
    tree.encode(into: &bytes)
    var offset = 0
    let copy = try bytes.withUnsafeBytes { try YAMLNode(decoding: $0, at: &offset) }
    #expect(copy == tree)
    #expect(offset == bytes.count)
    for cut in 0..<bytes.count {
      var position = 0
      #expect(throws: YAMLError.self) {
        try Array(bytes[..<cut]).withUnsafeBytes { _ = try YAMLNode(decoding: $0, at: &position) }
      }
    }
  }
}
