import Foundation
import Testing

/// Other tools' bundles are nodes with facts and logs, however they are packed.
@Suite struct ForeignBundleTests {
  private static let packers = [
    "tar": "tar cf packed *", "tar.gz": "tar czf packed *", "tar.xz": "tar cJf packed *",
    "tar.bz2": "tar cjf packed *", "tar.zst": "tar cf ../whole * && zstd -q --rm ../whole -o packed",
    "zip": "zip -qr packed.zip *",
  ]

  @discardableResult
  static func shell(_ command: String, in folder: URL) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-ec", command]
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private func check(_ arguments: [String], in folder: URL, input: Data = Data(), ids: [String]) throws -> [String: Any]
  {
    let result = try Binary.run(["analyze"] + arguments + ["-o", "json"], in: folder, input: input)
    let found = try Set(Binary.activeIDs(result.output))
    #expect(found == Set(ids), "\(arguments) \(result.errors)")
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect((report["source"] as? [String: Any])?["kind"] as? String == "bundle")
    return report
  }

  @Test(arguments: ForeignFixture.all) func isReadPackedAndUnpacked(_ fixture: ForeignFixture) throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let tree = folder.appendingPathComponent("tree")
    try fixture.write(to: tree)
    _ = try check(["tree"], in: folder, ids: fixture.ids)
    // Every packer with one layout, two with the others.
    let packers =
      fixture.layout == "sos report" ? Self.packers : Self.packers.filter { ["tar.xz", "zip"].contains($0.key) }
    for (name, command) in packers.sorted(by: { $0.key < $1.key }) {
      guard try Self.shell("cd tree; \(command); mv packed* ../\(name)", in: folder) else {
        print("skipped: this machine cannot pack \(name)")
        continue
      }
      _ = try check([name], in: folder, ids: fixture.ids)
    }
    let packed = try Data(contentsOf: folder.appendingPathComponent("tar.xz"))
    _ = try check(["-"], in: folder, input: packed, ids: fixture.ids)
  }

  @Test func aKindExportTellsItsNodesApart() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try ForeignFixture.kind.write(to: folder)
    let report = try check([ForeignFixture.kind.top], in: folder, ids: ForeignFixture.kind.ids)
    let findings = try #require(report["findings"] as? [[String: Any]])
    let hosts = Dictionary(
      findings.map { ($0["id"] as? String ?? "", $0["host"] as? String ?? "") }, uniquingKeysWith: { $1 })
    #expect(hosts["swap-enabled"] == "kind-control-plane")
    #expect(hosts["cni-not-initialized"] == "kind-worker")
    // The journal holds what the kubelet's log holds: the line was there once.
    let evidence = findings.first { $0["id"] as? String == "swap-enabled" }?["evidence"] as? [[String: Any]]
    #expect(evidence?.first?["count"] as? Int ?? 1 == 1)
  }

  @Test func textsAreRecognised() throws {
    let minikube = try check(
      ["-"], in: Binary.package, input: Data(ForeignFixture.minikube.utf8), ids: ["cni-not-initialized"])
    #expect((minikube["host"] as? [String: Any])?["kernel"] as? String == "5.10.57")
    let nodes = try #require(ForeignFixture.dump.files["nodes.json"])
    let encoder = try JSONSerialization.data(
      withJSONObject: JSONSerialization.jsonObject(with: Data(nodes.utf8)), options: [.prettyPrinted])
    let text = String(decoding: encoder, as: UTF8.self).replacingOccurrences(of: "\" : ", with: "\": ")
    _ = try check(["-"], in: Binary.package, input: Data(text.utf8), ids: ["cni-not-initialized"])
  }

  @Test func whatABundleDoesNotHoldIsUnknown() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let bare = ForeignFixture(
      layout: "", ids: [], top: "sosreport-x",
      files: [
        "sos_reports/manifest.json": "{}", "version.txt": "sosreport: 4.8\n", "etc/hosts": "127.0.0.1 localhost\n",
        "etc/kubernetes/kubelet.conf": "kind: Config\n",
        "proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable: 7000000 kB\n",
        "proc/1/mountinfo": "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n",
        "sos_commands/kernel/uname_-a": "Linux x 6.1.0 #1 SMP\n",
      ])
    try bare.write(to: folder)
    let result = try Binary.run(["analyze", "sosreport-x", "-o", "json"], in: folder)
    #expect(try Binary.activeIDs(result.output).isEmpty, "\(result.output)")
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func theOrderOfFilesDoesNotMatter() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var files = ForeignFixture.sos.files
    // Over a MiB each, so that they are not kept in memory; without times, so that only their order tells.
    let filler = String(repeating: "nothing to see here, 0123456789 0123456789 0123456789\n", count: 25_000)
    for name in ["b", "a", "c"] {
      files["var/log/\(name).log"] = filler + "kubelet: failed to pull image \"registry.test/\(name):1\": not found\n"
    }
    let fixture = ForeignFixture(layout: "", ids: [], top: "", files: files)
    try fixture.write(to: folder.appendingPathComponent("tree"))
    var reports: [NSDictionary] = []
    for (name, order) in ["one": "sort", "two": "sort -r", "three": "sort -k1.3"] {
      let place = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try #require(
        try Self.shell(
          "cd ../tree; find . -type f | \(order) > ../list; tar czf ../\(name)/b.tar.gz -T ../list", in: place)
      )
      let result = try Binary.run(["analyze", "b.tar.gz", "-o", "json"], in: place)
      var report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      report["collection"] = nil
      reports.append(report as NSDictionary)
      #expect((report["findings"] as? [Any])?.isEmpty == false)
    }
    #expect(reports[0] == reports[1])
    #expect(reports[1] == reports[2])
  }

  @Test func aPackedLogOnStandardInputNeedsNoCopy() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(ForeignFixture.cniLine.utf8).write(to: folder.appendingPathComponent("log"))
    let command = "gzip -c log | TMPDIR=/nonexistent \(Binary.path) analyze - -o json > out || [ $? = 1 ]"
    try #require(try Self.shell(command, in: folder))
    let output = try String(contentsOf: folder.appendingPathComponent("out"), encoding: .utf8)
    #expect(try Binary.activeIDs(output) == ["cni-not-initialized"])
  }

  @Test func packagesAreReadFromAPackedCopy() throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let filler = (0..<30_000).map { "Package: p\($0)\nStatus: install ok installed\nVersion: 1\n\n" }.joined()
    let fixture = ForeignFixture(
      layout: "", ids: [], top: "",
      files: [
        "etc/kubernetes/kubelet.conf": "kind: Config\n", "etc/hosts": "127.0.0.1 localhost\n",
        "var/lib/dpkg/status": filler + "Package: kubelet\nStatus: install ok installed\nVersion: 1.31.2-1.1\n",
      ])
    try fixture.write(to: folder.appendingPathComponent("tree"))
    try #require(try Self.shell("tar czf packed -C tree .", in: folder))
    for input in ["tree", "packed"] {
      let result = try Binary.run(["analyze", input, "-o", "json"], in: folder)
      let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect((report["host"] as? [String: Any])?["kubelet"] as? String == "v1.31.2", "\(input)")
    }
  }

  @Test(arguments: ["", "--clean"]) func aRealSosReportIsRead(option: String) throws {
    let folder = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sos"), getuid() == 0 else {
      print("skipped: sosreport is not installed, or this is not root")
      return
    }
    let command =
      "timeout 30 sos report --batch --quiet \(option) --tmp-dir \"$PWD\" --only-plugins kernel,networking,host,memory "
      + "-z gzip --plugin-timeout 10; mv sosreport-*.tar.gz sos.tar.gz; mkdir tree; tar xzf sos.tar.gz -C tree"
    guard try Self.shell(command, in: folder) else {
      print("skipped: sos makes no report on this machine within 30 s")
      return
    }
    for input in ["sos.tar.gz", "tree"] {
      let result = try Binary.run(["analyze", input, "-o", "json"], in: folder)
      #expect([0, 1].contains(result.status), "\(result.errors)")
      let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect((report["source"] as? [String: Any])?["kind"] as? String == "bundle")
      let host = try #require(report["host"] as? [String: Any])
      #expect(host["kernel"] as? String == Self.kernelRelease)
    }
  }

  private static var kernelRelease: String {
    let text = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
