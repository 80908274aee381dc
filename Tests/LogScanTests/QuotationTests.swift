import Model
import Testing

@testable import LogScan

/// Lines that quote a failure, and lines that look alike and report one.
@Suite struct QuotationTests {
  @Test(arguments: [
    #"\t\treturn nil, fmt.Errorf("failed to create snapshot: %w", err)"#,
    #"msg := "failed to create snapshot""#,
    #"ErrNoSpace = status.New(codes.ResourceExhausted, "failed to create snapshot").Err()"#,
    #"if strings.Contains(err.Error(), "failed to create snapshot") {"#,
    #"  if 'failed to create snapshot' in stderr:"#,
    #"{28, "ENOSPC", "failed to create snapshot"},"#,
    #"wantErr: "failed to create snapshot","#,
    #"self.message = "failed to create snapshot""#,
    #"  raise Failure('failed to create snapshot')"#,
    #"  die("failed to create snapshot");"#,
    #"summary: failed to create snapshot on {{ $labels.node }}"#,
    #"^\w{3} [ :0-9]{11} \S+ x\[\d+\]: failed to create snapshot$"#,
    "- Fixed a panic after \"failed to create snapshot\" errors",
    "* kubelet: fix the retry of failed to create snapshot",
    "- **kubeadm**: handle failed to create snapshot",
    "* fix(cri): failed to create snapshot",
    "0a1b2c3d4 Fix failed to create snapshot on restart",
    "| Snapshotter is broken | the log says failed to create snapshot | look at the disk first |",
  ]) func aQuotationIsNoReport(_ line: String) {
    #expect(Quotation.isQuotation(line.drop { $0 == " " || $0 == "\t" }))
  }

  @Test(arguments: [
    "Error: failed to create snapshot: no space left on device",
    #"Get "https://192.0.2.10:6443/": dial tcp 192.0.2.10:6443: connect: connection refused"#,
    #"MountVolume.SetUp failed for volume "x" (UniqueName: "kubernetes.io/configmap/x") pod "y""#,
    #"requests.exceptions.ProxyError("Cannot connect to proxy", OSError("Tunnel connection failed"))"#,
    #""message": "failed to create snapshot: no space left on device","#,
    #""[ERROR Swap]: running with swap on is not supported","#,
    #"SSL_CTX_use_PrivateKey_file("/etc/x.key") failed (error:05800074)"#,
    #"desc = "transport: missing port in address""#,
    "  - name: node-1", "- the kubelet does not start: running with swap on is not supported",
    "| https://192.0.2.10:2379 | 8e9e05c52164694d | 3.5.9 | 2.1 GB | true | false | alarm:NOSPACE |",
    "[ERROR Port-6443]: Port 6443 is in use", "panic: runtime error: invalid memory address",
  ]) func aReportIsNoQuotation(_ line: String) {
    #expect(!Quotation.isQuotation(line[...]))
  }

  @Test(arguments: [
    "docs/faq.md\n```diff\n@@ -1,2 +1,3 @@\n+#### What does \"failed to send out heartbeat\" mean?\n```",
    "diff --git a/x b/x\nindex 1..2\n+text\n", "@@ -62,8 +62,22 @@ If none of these\n text\n+more",
    "+## Troubleshooting\n+\n+the kubelet may say `certificate has expired`\n+1. Look at the file\n",
  ])
  func isADiff(_ text: String) { #expect(Quotation.isDiff(text)) }

  @Test(arguments: [
    "+ kubeadm init\n+ set -e\n+ exit 1\nerror: it failed",
    "+kubeadm\n+init\n+phase\nE1125 10:00:00.000000 1 x.go:1] no",
    "- failed\n- failed again\n", "@@ nothing", "",
  ])
  func isNoDiff(_ text: String) { #expect(!Quotation.isDiff(text)) }

  @Test func aListOfChangesIsADocument() {
    let notes = """
      1.7.3

      * Fix shutdown of the shim
      * Update runc to 1.1.8 so that
        failed to create snapshot is no more
      * Handle devices that vanish

      """
    #expect(Quotation.isChangelog(notes))
    #expect(!Quotation.isChangelog("- Fix it, please\n" + String(repeating: "failed to create snapshot\n", count: 20)))
  }

  @Test(arguments: [
    (#"When it is full, the kubelet answers with "no space left" in its log."#, true),
    (#"磁盘写满时 kubelet 会报 "no space left" 错误并驱逐 Pod"#, true),
    (#"Error syncing pod: failed to write "x": "no space left" (will retry later)"#, false),
    (#"failed to write "config.json" no space left on "/var" and more"#, false),
    (#"x: "no space left""#, false),
  ]) func aSentenceThatQuotesIsNoReport(_ line: String, _ isMention: Bool) throws {
    let bytes = Array(line.utf8)
    let needle = Array("no space left".utf8)
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
    #expect(Quotation.isQuotedInSentence(bytes[...], at: start..<start + needle.count) == isMention)
  }

  @Test(arguments: [
    #"ts=2026-11-23T10:02:11.000Z caller=db.go:1000 level=error component=tsdb err="no space left on device""#,
    "Caused by: java.io.IOException: java.net.SocketException: Too many open files",
    "    pull_test.go:20: got no space left on device",
  ]) func whatOtherProgramsSayIsTheirs(_ line: String) {
    #expect(Quotation.isOfOtherProgram(line[...]))
  }

  @Test func aRunOfTestsIsADocument() {
    #expect(Quotation.isTestRun("=== RUN   TestX\nno space left on device\n--- PASS: TestX (0.00s)\n"))
    #expect(!Quotation.isTestRun("no space left on device\nSTEP: look\n"))
  }
}
