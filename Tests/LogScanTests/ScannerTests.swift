import Model
import Testing

@testable import LogScan

@Suite struct ScannerTests {
  private func scan(
    _ text: String, for patterns: [LogPattern], subject: String? = nil, repaired: Bool = false
  ) throws -> [String?: [Int: SignatureHits]] {
    let signatures = patterns.map { Signature($0, subject: subject) }
    let database = try SignatureDatabase(compiling: patterns.map { Expression.prepared($0.expression) })
    let scanner = try LogScanner(signatures, database: database)
    scanner.begin("x", modified: nil)
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { scanner.scan($0) }
    if repaired {
      let second = RepairedText(of: bytes)
      scanner.scanRepaired(second.bytes, lineNumbers: second.lineNumbers)
    }
    scanner.end()
    return scanner.observations.hits
  }

  @Test func aQuoteMatchesAtAnyDepthOfEscaping() throws {
    let pattern = LogPattern(expression: #"plugin "(?<name>[^"]+)" in path"#)
    for text in [#"plugin "x" in path"#, #"plugin \"x\" in path"#, #"plugin \\\"x\\\" in path"#] {
      let hit = try #require(try scan(text, for: [pattern])[nil]?[0])
      #expect(hit.first?.captures["name"] == "x")
    }
  }

  @Test func aSignatureNeverCrossesLines() throws {
    let hits = try scan("plugin \"a\nb\" in path\n", for: [LogPattern(expression: #"plugin "[^"]+" in path"#)])
    #expect(hits.isEmpty)
  }

  @Test func aStormIsCountedWhole() throws {
    let text = String(repeating: "some\nfailure happened\n", count: 5000)
    let hit = try #require(try scan(text, for: [LogPattern(expression: "failure happened")])[nil]?[0])
    #expect(hit.count == 5000)
    #expect(hit.first?.line == 2)
    #expect(hit.last?.line == 10000)
  }

  @Test func anExceptionLeavesTheLineAlone() throws {
    let pattern = LogPattern(expression: "cannot pull", except: "no such host")
    #expect(try scan("cannot pull: no such host", for: [pattern]).isEmpty)
    #expect(try scan("cannot pull: refused", for: [pattern])[nil]?[0]?.count == 1)
  }

  @Test func aLineOfAnotherComponentIsNoHit() throws {
    let pattern = LogPattern(expression: "address already in use", from: ["kubelet"])
    #expect(try scan("Nov 23 10:00:00 n nginx[1]: address already in use", for: [pattern]).isEmpty)
    #expect(try !scan("Nov 23 10:00:00 n kubelet[1]: address already in use", for: [pattern]).isEmpty)
    #expect(try !scan("address already in use", for: [pattern]).isEmpty)
  }

  @Test func countsWithinATime() throws {
    let pattern = LogPattern(expression: "restarting now", atLeast: 3, within: .seconds(60))
    let fast = "Nov 23 10:00:00 n a[1]: restarting now\nNov 23 10:00:10 n a[1]: restarting now\n"
    let slow = fast + "Nov 23 10:05:00 n a[1]: restarting now\n"
    #expect(try scan(slow, for: [pattern])["n"]?[0]?.isSatisfied == false)
    let met = fast + "Nov 23 10:00:20 n a[1]: restarting now\n"
    #expect(try scan(met, for: [pattern])["n"]?[0]?.isSatisfied == true)
  }

  @Test(arguments: [
    "I1123 10:00:00.000000       1 flags.go:64] FLAG: --bad=\"failure happened\"",
    "$ journalctl -u kubelet | grep 'failure happened'", "[root@n ~]# grep 'failure happened' x.log",
    "If you see `failure happened`, restart.", "# failure happened", "  expr: failure happened",
    "- Fixed: failure happened ([#12345](x))", "* Handle failure happened after a restart",
    #"{5, "EIO", "failure happened"},"#,
  ]) func aMentionIsNoFailure(_ line: String) throws {
    #expect(try scan(line, for: [LogPattern(expression: "failure happened")]).isEmpty)
  }

  @Test(arguments: [
    "Nov 23 10:00:00 n kubelet[1]: E1123 10:00:00.000000 1 x.go:1] the failure hap\npened in the end and nothing else was left to do for it\n",
    "Nov 23 10:00:00 n kubelet[1]: E1123 10:00:00.000000 1 x.go:1] the failure\n    happened\n",
    "> Nov 23 10:00:00 n kubelet[1]: the failure happened\r\n",
    "\u{1b}[31mfailure\u{1b}[0m happened\n",
  ]) func pasteDamageIsRepaired(_ text: String) throws {
    #expect(try !scan(text, for: [LogPattern(expression: "failure happened")], repaired: true).isEmpty)
  }

  @Test func aNumberedLineOfABuildIsNoComment() throws {
    #expect(try !scan("#6 1.692 failure happened", for: [LogPattern(expression: "failure happened")]).isEmpty)
  }

  @Test func whatWasDismissedStaysDismissed() throws {
    let text = "    if strings.Contains(out, \"failure happened\") {\n        return nil\n    }\n"
    #expect(try scan(text, for: [LogPattern(expression: "failure happened")], repaired: true).isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func hostileInputIsBounded() throws {
    let pattern = LogPattern(expression: "(?<a>(x+x+)+y)failure")
    let line = String(repeating: "x", count: 100_000) + "failure"
    _ = try scan(line, for: [pattern])
    _ = try scan("\0\u{1b}[", for: [pattern], repaired: true)
    _ = try scan("", for: [pattern], repaired: true)
  }
}
