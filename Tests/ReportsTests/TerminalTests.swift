import Testing

@testable import Reports

@Suite struct TerminalTests {
  @Test func stripsWhatATerminalWouldObey() {
    #expect(Terminal.stripped("a\u{1b}[31mb\u{7}\tc\u{202e}d") == "a[31mb cd")
  }

  @Test func wrapsAtSpacesAndBetweenChineseCharacters() {
    #expect(Terminal.wrapped("one two three", width: 7) == ["one two", "three"])
    #expect(Terminal.wrapped("节点未就绪", width: 6) == ["节点未", "就绪"])
    #expect(Terminal.wrapped("averyveryverylongword x", width: 5) == ["averyveryverylongword", "x"])
    #expect(Terminal.wrapped("", width: 5).isEmpty)
  }
}
