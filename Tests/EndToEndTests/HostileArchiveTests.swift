import Foundation
import Testing

/// Archives that mean harm end in bounded time with a word, and write nothing.
@Suite struct HostileArchiveTests {
  /// An entry of a tar archive, byte by byte.
  ///
  /// - SeeAlso: tar(5)
  static func entry(_ name: String, _ content: String = "", type: Character = "0", link: String = "", size: Int? = nil)
    -> Data
  {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int, limit: Int) {
      for (index, byte) in text.utf8.prefix(limit).enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, _ width: Int) -> String {
      let digits = String(value, radix: 8)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let length = size ?? content.utf8.count
    put(name, at: 0, limit: 100)
    put("0000644", at: 100, limit: 8)
    put("0000000", at: 108, limit: 8)
    put("0000000", at: 116, limit: 8)
    put(octal(length, 11), at: 124, limit: 12)
    put(octal(1_790_000_000, 11), at: 136, limit: 12)
    put("        ", at: 148, limit: 8)
    put(String(type), at: 156, limit: 1)
    put(link, at: 157, limit: 100)
    put("ustar\u{0}00", at: 257, limit: 8)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0}", at: 148, limit: 7)
    var data = Data(header) + Data(content.utf8)
    data.append(Data(count: (512 - content.utf8.count % 512) % 512))
    return data
  }

  static let end = Data(count: 1024)

  /// Runs `analyze` on `archive` and sees that nothing was written and that it took no longer than `seconds`.
  private func analyze(_ archive: Data, name: String = "b.tar", within seconds: Double = 10) throws -> Binary.Result {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let scratch = folder.appendingPathComponent("tmp")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    try archive.write(to: folder.appendingPathComponent(name))
    let began = Date()
    let result = try Binary.run(
      ["analyze", name, "-o", "json"], in: folder, environment: ["TMPDIR": scratch.path])
    #expect(Date().timeIntervalSince(began) < seconds)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [name, "tmp"].sorted())
    #expect([0, 1, 2, 3].contains(result.status), "\(result.status) \(result.errors)")
    return result
  }

  private static let log = ForeignFixture.cniLine

  /// A bundle whose manifest says `fields`, and that has one log.
  private func bundle(_ fields: String) -> Data {
    let manifest = """
      {"kind":"kdoctor-bundle","formatVersion":1,"tool":{"name":"kdoctor","version":"0","rules":1},
      "created":"2026-11-25T10:00:00Z","isAnonymized":false,"isInterrupted":false,"reads":[],"logFailures":[],
      "removed":{},\(fields)}
      """
    return Self.entry("b/logs/1/0001.log", Self.log + "\n") + Self.entry("b/manifest.json", manifest) + Self.end
  }

  @Test(arguments: [
    #""logs":[{"name":"/var/log/syslog","form":"text","modified":1e308,"parts":["logs/1/0001.log"]}]"#,
    #""logs":[{"name":"/var/log/syslog","form":"text","modified":-1e308,"parts":["logs/1/0001.log"]}]"#,
    #""logs":[],"logFailures":[{"name":"x","error":{"kind":"timedOut","seconds":1e300}}]"#,
    #""logs":[],"spans":[{"since":1e308,"until":-1e308}],"offset":4611686018427387904"#,
    #""logs":[],"formatVersion":-9223372036854775808"#,
    #""logs":[{"name":"a","form":"text","parts":["../../../etc/passwd","/etc/passwd","manifest.json"]}]"#,
    #""logs":[],"reads":[{"ask":"file","of":"/etc/hostname","stored":"/etc/passwd"}]"#,
  ]) func absurdManifestsEndWell(_ fields: String) throws {
    let result = try analyze(bundle(fields))
    #expect(!result.output.contains("root:x:0"))
  }

  /// A manifest must not make much of little by naming a part again and again.
  @Test func readsAPartOnce() throws {
    let part = #""logs/1/0001.log""#
    let parts = Array(repeating: part, count: 5000).joined(separator: ",")
    let many = try analyze(bundle(#""logs":[{"name":"a","form":"text","parts":[\#(parts)]}]"#))
    let one = try analyze(bundle(#""logs":[{"name":"a","form":"text","parts":[\#(part)]}]"#))
    let evidence = try [many, one].map {
      let report = try JSONSerialization.jsonObject(with: Data($0.output.utf8)) as? [String: Any]
      return try #require(report?["findings"] as? NSArray)
    }
    #expect(evidence[0] == evidence[1])
  }

  @Test func namesThatLeadOutAreOnlyNames() throws {
    let target = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-escape-" + UUID().uuidString)
    let archive =
      Self.entry("../../../../../../../../" + target.path.dropFirst(), "out") + Self.entry(target.path, "out")
      + Self.entry("out", type: "2", link: "/etc") + Self.entry("out/passwd", "out")
      + Self.entry("var/log/syslog", Self.log) + Self.entry("var/log/a", type: "2", link: "../../../../etc/passwd")
      + Self.end
    let result = try analyze(archive)
    #expect(!FileManager.default.fileExists(atPath: target.path))
    #expect(result.errors.contains("lead out of it"))
    #expect(try Binary.activeIDs(result.output) == ["cni-not-initialized"])
  }

  @Test func linksOutOfTheNodeAreNotFollowed() throws {
    // The link of the bundle must not show this machine's file.
    let archive =
      Self.entry("etc/kubernetes/kubelet.conf", "kind: Config\n") + Self.entry("etc/hosts", "127.0.0.1 localhost\n")
      + Self.entry("etc/hostname", type: "2", link: "/proc/sys/kernel/hostname")
      + Self.entry("etc/resolv.conf", type: "2", link: "resolv.conf") + Self.end
    let result = try analyze(archive)
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect((report["host"] as? [String: Any])?["name"] == nil)
  }

  @Test func linksInAZipFileAreLinks() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let command =
      "mkdir -p etc/kubernetes; echo x > etc/hosts; echo kind: Config > etc/kubernetes/kubelet.conf; "
      + "ln -s ../run/name etc/hostname; zip -qry b.zip etc"
    guard try ForeignBundleTests.shell(command, in: folder) else { return print("skipped: zip is not installed") }
    let result = try analyze(try Data(contentsOf: folder.appendingPathComponent("b.zip")), name: "b.zip")
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect((report["host"] as? [String: Any])?["name"] == nil)
  }

  @Test func devicesAndPipesAreNotOpened() throws {
    let archive =
      Self.entry("var/log/null", type: "3") + Self.entry("var/log/pipe", type: "6")
      + Self.entry("var/log/block", type: "4") + Self.entry("var/log/syslog", Self.log) + Self.end
    #expect(try Binary.activeIDs(try analyze(archive).output) == ["cni-not-initialized"])
  }

  @Test func theLastOfADuplicatedNameCounts() throws {
    let archive =
      Self.entry("var/log/syslog", Self.log) + Self.entry("var/log/pods/a/0.log", "x\n")
      + Self.entry("var/log/syslog", ForeignFixture.swapLine) + Self.end
    let result = try analyze(archive)
    #expect(result.errors.contains("more than once"))
    #expect(try Binary.activeIDs(result.output) == ["swap-enabled"])
  }

  @Test func manyEntriesAreBounded() throws {
    var archive = Data(capacity: 52 << 20)
    archive.append(Self.entry("var/log/syslog", Self.log))
    let empty = Self.entry("var/log/x")
    for _ in 0..<100_100 { archive.append(empty) }
    let result = try analyze(archive + Self.end, within: 20)
    #expect(result.errors.contains("more than 100000 entries"))
    #expect(try Binary.activeIDs(result.output) == ["cni-not-initialized"])
  }

  @Test func aBombIsNotUnpacked() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try (Self.entry("var/log/syslog", Self.log) + Self.entry("var/log/zero", size: 6 << 30)).write(
      to: folder.appendingPathComponent("head"))
    // gzip members that follow one another are one stream: 6 GiB of zeros in 6 MB.
    try #require(
      try ForeignBundleTests.shell(
        "gzip -c head > b; head -c 67108864 /dev/zero | gzip -9 > z; for i in $(seq 96); do cat z >> b; done",
        in: folder))
    let result = try analyze(try Data(contentsOf: folder.appendingPathComponent("b")), name: "b.tar.gz", within: 30)
    #expect(result.errors.contains("times its size"))
    #expect(try Binary.activeIDs(result.output) == ["cni-not-initialized"])
    #expect(result.status == 1)
  }

  @Test func aSparseGiantIsNoTrap() throws {
    let archive = Self.entry("var/log/syslog", Self.log) + Self.entry("var/log/huge", "x", size: 0o77_777_777_777)
    let result = try analyze(archive)
    #expect(!result.errors.isEmpty)
    #expect(try Binary.activeIDs(result.output) == ["cni-not-initialized"])
  }

  @Test func aCutAnywhereCostsOnlyWhatFollows() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try ForeignFixture.sos.write(to: folder)
    try #require(try ForeignBundleTests.shell("tar cf b.tar sosreport*; tar czf b.tar.gz sosreport*", in: folder))
    for name in ["b.tar", "b.tar.gz"] {
      let whole = try Data(contentsOf: folder.appendingPathComponent(name))
      // The padding at the end of a tar archive may be missing.
      let length = name == "b.tar" ? whole.count - 10240 : whole.count - 1
      for step in 0..<24 {
        // What is shorter than the mark of its format is a text.
        let cut = max(name == "b.tar" ? 300 : 2, length * step / 24 + step % 7)
        let result = try analyze(whole.prefix(cut), name: name)
        #expect(!result.errors.isEmpty, "\(name) cut at \(cut) of \(whole.count)")
        #expect(result.status != 0, "\(name) cut at \(cut) of \(whole.count)")
      }
    }
  }

  @Test func anArchiveInAnArchiveInAnArchiveIsNotUnpacked() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(Self.log.utf8).write(to: folder.appendingPathComponent("a.log"))
    try #require(
      try ForeignBundleTests.shell("tar czf 1.tgz a.log; tar czf 2.tgz 1.tgz; tar czf 3.tgz 2.tgz", in: folder))
    let once = try analyze(try Data(contentsOf: folder.appendingPathComponent("2.tgz")), name: "b.tgz")
    #expect(try Binary.activeIDs(once.output) == ["cni-not-initialized"])
    let twice = try analyze(try Data(contentsOf: folder.appendingPathComponent("3.tgz")), name: "b.tgz")
    // What is left packed is no text.
    #expect(twice.status == 2)
    #expect(twice.output.isEmpty)
  }

  @Test func standardInputLeavesNoCopyBehind() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let archive = Self.entry("var/log/syslog", Self.log) + Self.entry("var/log/dpkg.log", "x\n") + Self.end
    let result = try Binary.run(
      ["analyze", "-", "-o", "json"], input: archive, environment: ["TMPDIR": folder.path])
    #expect(try Binary.activeIDs(result.output) == ["cni-not-initialized"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
