import Foundation
import Testing

/// Journals as a node keeps them, written by systemd-journal-remote.
@Suite(.enabled(if: Shell.has("systemd-journal-remote") && Shell.has("journalctl"))) struct JournalTests {
  static let base = 1_795_000_000
  static let swap = "failed to run Kubelet: running with swap on is not supported, please disable swap"
  static let cri = "rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService"
  static let cni = "Network plugin returns error: cni plugin not initialized"

  private struct Entry {
    let boot: Character
    let seconds: Int
    var unit = "kubelet.service"
    var name = "kubelet"
    let message: String
    var extra = ""

    var text: String {
      let start = boot == "b" ? 10_000 : 0
      return """
        __REALTIME_TIMESTAMP=\((JournalTests.base + start + seconds) * 1_000_000)
        __MONOTONIC_TIMESTAMP=\(seconds * 1_000_000 + 5)
        _BOOT_ID=0000000000000000000000000000000\(boot)
        _HOSTNAME=node-1
        _SYSTEMD_UNIT=\(unit)
        SYSLOG_IDENTIFIER=\(name)
        _PID=9
        \(extra)MESSAGE=\(message)


        """
    }
  }

  private static func klog(_ error: String) -> String {
    #"E1120 10:00:00.000000 9 run.go:74] "command failed" err="\#(error)""#
  }

  private static let twoBoots = [
    Entry(boot: "a", seconds: 1, message: "start"), Entry(boot: "a", seconds: 100, message: klog(swap)),
    Entry(boot: "a", seconds: 5000, message: klog(cri)), Entry(boot: "a", seconds: 9000, message: "end"),
    Entry(boot: "b", seconds: 1, message: "start"), Entry(boot: "b", seconds: 100, message: klog(cni)),
    Entry(
      boot: "b", seconds: 200, unit: "backup.service", name: "backup",
      message: "write /var/lib/x: no space left on device"),
    Entry(boot: "b", seconds: 300, message: "end"),
  ]

  /// A root folder whose `folder` holds a journal of `entries`; the caller removes it.
  private static func root(_ entries: [Entry], in folder: String = "var/log/journal/m") throws -> URL {
    let root = try Binary.scratchFolder()
    try add(entries, to: root, folder)
    return root
  }

  private static func add(_ entries: [Entry], to root: URL, _ folder: String) throws {
    try Data(entries.map(\.text).joined().utf8).write(to: root.appendingPathComponent("export"))
    try Shell.stage(
      """
      mkdir -p root/\(folder)
      /lib/systemd/systemd-journal-remote -o root/\(folder)/system.journal export
      """, in: root)
  }

  private func ids(_ arguments: [String], in folder: URL) throws -> Set<String> {
    let result = try Binary.run(arguments + ["-o", "json"], in: folder)
    return try Set(Binary.activeIDs(result.output))
  }

  @Test func boots() throws {
    let root = try Self.root(Self.twoBoots)
    defer { try? FileManager.default.removeItem(at: root) }
    let first: Set = ["swap-enabled", "cri-plugin-disabled"]
    let second: Set = ["cni-not-initialized"]
    let expected: [(String, Set<String>)] = [
      ("0", second), ("-1", first), ("1", first), ("2", second), ("all", first.union(second)),
      ("0000000000000000000000000000000a", first), ("0000000000000000000000000000000a+1", second),
      ("0000000000000000000000000000000b-1", first),
    ]
    for (boot, ids) in expected {
      #expect(try self.ids(["diagnose", "--root", "root", "--boot", boot], in: root) == ids, "\(boot)")
    }
    let missing = try Binary.run(["diagnose", "--root", "root", "--boot", "-2"], in: root)
    #expect(missing.status == 3)
    #expect(missing.errors.contains("no entry of the boot"))
  }

  @Test func times() throws {
    let root = try Self.root(Self.twoBoots)
    defer { try? FileManager.default.removeItem(at: root) }
    let expected: [([String], Set<String>)] = [
      (["--since", "@1795004000", "--until", "@1795006000"], ["cri-plugin-disabled"]),
      (["--since", "@1795004000"], ["cri-plugin-disabled", "cni-not-initialized"]),
      (["--until", "@1795000100"], ["swap-enabled"]), (["--until", "@1795000099.5"], []),
      (["--since", "2026-11-18 12:00 UTC", "--until", "2026-11-18T13:00:00Z"], ["cri-plugin-disabled"]),
      (["--since", "@1795004000", "--boot", "-1"], ["cri-plugin-disabled"]),
    ]
    for (arguments, ids) in expected {
      #expect(try self.ids(["diagnose", "--root", "root"] + arguments, in: root) == ids, "\(arguments)")
    }
    for option in ["--since", "--until", "--boot"] {
      let result = try Binary.run(["diagnose", "--root", "root", option, "soon"], in: root)
      #expect(result.status == 64)
      #expect(result.errors.contains("`soon`"))
    }
  }

  @Test func aTextIsLimitedByTheTimesOfItsLines() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    func line(_ time: String, _ error: String) -> String { "\(time) node-1 kubelet[9]: \(Self.klog(error))\n" }
    let text =
      line("2026-11-24T10:00:00+0000", Self.swap) + line("2026-11-24T11:00:00+0000", Self.cri)
      + line("2026-11-24T12:00:00+0000", Self.cni)
    try Data(text.utf8).write(to: folder.appendingPathComponent("log"))
    let window = ["--since", "2026-11-24 10:30 UTC", "--until", "2026-11-24 11:30 UTC"]
    #expect(try ids(["analyze", "log"] + window, in: folder) == ["cri-plugin-disabled"])
    #expect(try ids(["analyze", "log", "--since", "2026-11-24 13:00 UTC"], in: folder) == [])
    // A storm outside the window is not counted either.
    let storm = (0..<3000).map { _ in line("2026-11-24T10:00:00+0000", Self.swap) }.joined()
    try Data((storm + text + line("2026-11-24T11:10:00+0000", Self.swap)).utf8)
      .write(to: folder.appendingPathComponent("log"))
    let result = try Binary.run(["analyze", "log", "-o", "json"] + window, in: folder)
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let findings = try #require(report["findings"] as? [[String: Any]])
    let found = try #require(findings.first { $0["id"] as? String == "swap-enabled" })
    let evidence = try #require(found["evidence"] as? [[String: Any]])
    #expect(evidence.compactMap { $0["count"] as? Int }.reduce(0, +) <= 1)
    #expect(evidence.first?["line"] as? Int == 3004)
  }

  @Test func aNodeIsJudgedByItsOwnUnits() throws {
    let root = try Self.root(Self.twoBoots)
    defer { try? FileManager.default.removeItem(at: root) }
    #expect(try !ids(["diagnose", "--root", "root"], in: root).contains("disk-full"))
    #expect(try ids(["analyze", "root"], in: root).contains("disk-full"))
  }

  @Test func persistentAndVolatileAreOneJournal() throws {
    let root = try Self.root(Self.twoBoots.filter { $0.boot == "a" })
    defer { try? FileManager.default.removeItem(at: root) }
    try Self.add(Self.twoBoots.filter { $0.boot == "b" }, to: root, "run/log/journal/m")
    let ids = try ids(["diagnose", "--root", "root"], in: root)
    #expect(ids == ["swap-enabled", "cri-plugin-disabled", "cni-not-initialized"])
    #expect(
      try self.ids(["diagnose", "--root", "root", "--boot", "-1"], in: root) == ids.subtracting(["cni-not-initialized"])
    )
  }

  @Test func oneDamagedFileCostsItselfOnly() throws {
    let root = try Self.root(Self.twoBoots)
    defer { try? FileManager.default.removeItem(at: root) }
    try Shell.stage("head -c 3000 /dev/zero > root/var/log/journal/m/system@bad.journal", in: root)
    let result = try Binary.run(["diagnose", "--root", "root", "-o", "json"], in: root)
    #expect(try Binary.activeIDs(result.output).contains("cri-plugin-disabled"))
    #expect(result.errors.contains("system@bad.journal"))
  }

  /// Many slices, several threads, a clock that is set back: every run says what a sequential reading would.
  @Test func everyRunSaysTheSame() throws {
    let filler = (0..<40_000).map { index in
      // The clock is set back by an hour in the middle.
      let seconds = 1 + index / 20 - (index > 20_000 ? 600 : 0)
      return Entry(boot: "a", seconds: max(1, seconds), message: index % 400 == 0 ? Self.klog(Self.cni) : "I \(index)")
    }
    let root = try Self.root(filler)
    defer { try? FileManager.default.removeItem(at: root) }
    let exported = try Shell.run("journalctl --file root/var/log/journal/m/system.journal -o export", in: root)
    try Data(exported.output.utf8).write(to: root.appendingPathComponent("sequential"))
    func evidence(_ input: String) throws -> [String] {
      let result = try Binary.run(["analyze", input, "-o", "json"], in: root)
      let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let findings = try #require(report["findings"] as? [[String: Any]])
      let lines = (report["source"] as? [String: Any])?["lines"] as? Int
      return findings.map { finding in
        let evidence = (finding["evidence"] as? [[String: Any]] ?? []).map {
          "\($0["line"] ?? "") \($0["count"] ?? "") \($0["text"] ?? "")"
        }
        return "\(finding["id"] ?? "") \(evidence)"
      } + ["\(lines ?? -1)"]
    }
    let expected = try evidence("sequential")
    #expect(expected.last == "40000")
    for _ in 0..<3 { #expect(try evidence("root/var/log/journal") == expected) }
  }
}
