import Bundles
import Foundation
import Model
import NodeAccess
import Testing

/// A node of which every question has a fixed answer.
private struct FixedSource: Source {
  let name = "fixed"

  func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    switch path {
    case "/etc/hostname": return Array("node-1\n".utf8)
    case "/etc/odd name\u{7}": return Array("odd".utf8)
    case "/etc/../etc/up": return Array("up".utf8)
    case "/etc/shadow": throw .denied
    case "/mnt/dead": throw .timedOut(seconds: 5)
    case "/etc/big": throw .malformed("is larger than 10 bytes")
    default: throw .absent
    }
  }

  func entries(of path: String) throws(ReadError) -> [String] {
    if path == "/etc" { return ["hostname", "shadow"] }
    throw .notCaptured
  }

  func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus {
    guard path == "/etc/link" else { throw .failed("Input/output error") }
    return PathStatus(
      kind: followingLinks ? .file : .link, mode: 0o640, size: 7, modified: 1_700_000_000.25,
      target: followingLinks ? nil : "hostname")
  }

  func answer(to probe: Probe) throws(ReadError) -> [UInt8] {
    if case .clock = probe { return Array("synchronized".utf8) }
    throw .absent
  }
}

/// Upper-cases what it is given, so that its work shows.
private final class LoudCleaner: Cleaner {
  var removed: [String: [String: Int]] = [:]

  func file(_ bytes: [UInt8], of path: String) -> [UInt8] {
    removed[path, default: [:]]["letters", default: 0] += 1
    return Array(String(decoding: bytes, as: UTF8.self).uppercased().utf8)
  }
  func block(_ bytes: [UInt8], of path: String) -> [UInt8] { file(bytes, of: path) }
  func message(_ bytes: [UInt8], by writer: [UInt8], of path: String) -> [UInt8] { file(bytes, of: path) }
  func endStream() {}
  func name(_ text: String) -> String { text }
}

/// Keeps the lines that it is fed.
private final class LineSink: LogSink {
  var text: [String: String] = [:]
  private var name = ""
  let isCancelled = false

  func begin(_ name: String, modified: LogTime?) { self.name = name }
  func block(_ bytes: UnsafeRawBufferPointer) { text[name, default: ""] += String(decoding: bytes, as: UTF8.self) }
  func end() {}
}

@Suite struct BundleTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func ask(_ source: any Source) -> [String] {
    let paths = [
      "/etc/hostname", "/etc/odd name\u{7}", "/etc/../etc/up", "/etc/shadow", "/mnt/dead", "/etc/big", "/nothing",
    ]
    var said: [String] = []
    func note(_ question: String, _ body: () throws(ReadError) -> String) {
      do throws(ReadError) { said.append(question + " = " + (try body())) } catch {
        said.append(question + " ! \(error)")
      }
    }
    for path in paths {
      note(path) { () throws(ReadError) in
        String(decoding: try source.contents(of: path, limit: 100), as: UTF8.self).lowercased()
      }
    }
    for path in ["/etc", "/proc"] {
      note(path) { () throws(ReadError) in try source.entries(of: path).joined(separator: ",") }
    }
    for path in ["/etc/link", "/dev/bad"] {
      for follows in [true, false] {
        note(path) { () throws(ReadError) in "\(try source.status(of: path, followingLinks: follows))" }
      }
    }
    for probe in [Probe.clock, .fileSystem("/")] {
      note(probe.name) { () throws(ReadError) in
        String(decoding: try source.answer(to: probe), as: UTF8.self).lowercased()
      }
    }
    return said
  }

  /// Writes a bundle of `FixedSource` and of `logs`, and unpacks it.
  private func write(
    packing: ArchiveWriter.Packing = .none, excess: [Int] = [], scanner: LineSink = LineSink(),
    logs: (any LogSink) -> Void = { _ in }
  ) throws -> URL {
    let recorder = RecordingSource(FixedSource())
    _ = ask(recorder)
    let file = folder.appendingPathComponent("b.tar")
    let output = try OutputFile(file.path)
    let writer = try BundleWriter(
      to: output.descriptor, packing: packing, folder: "top", modified: 1_700_000_000, cleaner: LoudCleaner(),
      manifest: Manifest(
        tool: Manifest.Tool(name: "kdoctor", version: "0", rules: 0), host: "node-1", created: "2026-11-25T00:00:00Z"))
    try writer.add(recorder.recording)
    let sink = writer.logRecorder(to: scanner, excess: excess)
    logs(sink)
    try writer.noteLogs(sink, failures: [("/var/log/secret", .denied)])
    try writer.finish()
    #expect(!FileManager.default.fileExists(atPath: file.path), "it has its name only when it is whole")
    try output.commit()
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/tar")
    tar.arguments = ["-xf", file.path, "-C", folder.path]
    try tar.run()
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
    return folder.appendingPathComponent("top")
  }

  private func open(_ folder: URL) throws -> BundleReader {
    try BundleReader(try #require(BundleTree(path: folder.path)))
  }

  @Test(arguments: [ArchiveWriter.Packing.none, .gzip, .zstd])
  func replayAnswersAsTheNodeDid(_ packing: ArchiveWriter.Packing) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let bundle = try open(try write(packing: packing))
    let replay = RecordedSource(bundle.recording, name: "replay")
    #expect(ask(replay) == ask(FixedSource()))
    #expect(String(decoding: try replay.contents(of: "/etc/hostname", limit: 100), as: UTF8.self) == "NODE-1\n")
    #expect(bundle.manifest.removed["/etc/hostname"] == ["letters": 1])
  }

  @Test func whatWasNeverAskedIsNotKnown() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let replay = RecordedSource(try open(try write()).recording, name: "replay")
    do throws(ReadError) {
      _ = try replay.contents(of: "/etc/never-asked", limit: 1)
      Issue.record("it answered")
    } catch {
      if case .notCaptured = error { return }
      Issue.record("it said \(error)")
    }
  }

  @Test func logsComeBackAsTheyWere() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let export = folder.appendingPathComponent("in.export")
    let entries = (0..<3).map { index in
      """
      __REALTIME_TIMESTAMP=176400000\(index)000000
      __MONOTONIC_TIMESTAMP=\(index + 1)000000
      _BOOT_ID=0123456789abcdef0123456789abcdef
      _SYSTEMD_UNIT=kubelet.service
      _HOSTNAME=node-1
      _SELINUX_CONTEXT=unconfined
      SYSLOG_IDENTIFIER=kubelet
      MESSAGE=message \(index)


      """
    }
    try entries.joined().write(to: export, atomically: true, encoding: .utf8)
    let text = folder.appendingPathComponent("plain.log")
    try "first line\nlast line without an end".write(to: text, atomically: true, encoding: .utf8)
    let top = try write { sink in
      var inputs = LogInputs(into: sink)
      inputs.read(export.path, named: "/var/log/journal")
      inputs.read(text.path, named: "/var/log/plain.log")
      #expect(inputs.failures.isEmpty)
    }
    let bundle = try open(top)
    let sink = LineSink()
    let (count, failures) = bundle.readLogs(into: sink)
    #expect(count == 2)
    #expect(failures.map(\.name) == ["/var/log/secret"])
    #expect(sink.text["/var/log/plain.log"] == "FIRST LINE\nLAST LINE WITHOUT AN END")
    let lines = try #require(sink.text["/var/log/journal"]).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first == "2025-11-24T16:00:00.000000Z NODE-1 KUBELET: MESSAGE 0")
    let part = try String(contentsOf: top.appendingPathComponent("journal/1/0001.export"), encoding: .utf8)
    #expect(part.contains("_BOOT_ID="))
    #expect(!part.contains("_SELINUX_CONTEXT"), "only what a line or systemd-journal-remote needs is kept")
  }

  @Test(arguments: ["{", "{\"kind\": \"other\"}", "[]"]) func anotherManifestIsNoBundle(_ text: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let top = try write()
    try text.write(to: top.appendingPathComponent("manifest.json"), atomically: true, encoding: .utf8)
    #expect(BundleTree(path: top.path) == nil)
  }

  private func refusal(_ top: URL) throws -> String {
    let tree = try #require(BundleTree(path: top.path))
    do throws(ReadError) {
      _ = try BundleReader(tree)
      return "it was read"
    } catch {
      return "\(error)"
    }
  }

  @Test func aDamagedManifestIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let top = try write()
    try "{\"kind\": \"kdoctor-bundle\", ".write(
      to: top.appendingPathComponent("manifest.json"), atomically: true, encoding: .utf8)
    #expect(try refusal(top).contains("cannot be read"))
  }

  @Test func aManifestLeadsNowhereElse() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let top = try write()
    let manifest = top.appendingPathComponent("manifest.json")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    try text.replacingOccurrences(of: "\"files/etc/hostname\"", with: "\"../../../../../../../../etc/passwd\"")
      .write(to: manifest, atomically: true, encoding: .utf8)
    let replay = RecordedSource(try BundleReader(try #require(BundleTree(path: top.path))).recording, name: "replay")
    #expect(throws: ReadError.self) { try replay.contents(of: "/etc/hostname", limit: 1 << 20) }
  }

  @Test func aNewerFormatIsRefusedByName() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let top = try write()
    let manifest = top.appendingPathComponent("manifest.json")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    try text.replacingOccurrences(of: "\"formatVersion\" : 1", with: "\"formatVersion\" : 2")
      .write(to: manifest, atomically: true, encoding: .utf8)
    #expect(try refusal(top).contains("newer kdoctor (format 2)"))
  }

  @Test func aLargeLogKeepsItsNewestWholeLines() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = folder.appendingPathComponent("plain.log")
    try "one\ntwo\nthree\nfour\n".write(to: text, atomically: true, encoding: .utf8)
    func feed(_ sink: any LogSink) {
      var inputs = LogInputs(into: sink)
      inputs.read(text.path, named: "/var/log/plain.log")
    }
    let measure = LogMeasure { false }
    feed(measure)
    let excess = measure.excess(over: 12)
    #expect(excess == [7])
    let bundle = try open(try write(excess: excess, logs: feed))
    let sink = LineSink()
    _ = bundle.readLogs(into: sink)
    #expect(sink.text["/var/log/plain.log"] == "THREE\nFOUR\n")
  }

  /// The lines of entries that are left out stand in one block with those that are kept.
  @Test func whatIsLeftOutReachesNobody() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("x.export")
    let entries = ["first", "second", "third"].enumerated().map { index, word in
      "__REALTIME_TIMESTAMP=170000000000000\(index)\n__MONOTONIC_TIMESTAMP=\(index)\n_HOSTNAME=n\nMESSAGE=\(word)\n\n"
    }
    try entries.joined().write(to: file, atomically: true, encoding: .utf8)
    let scanner = LineSink()
    let bundle = try open(
      try write(excess: [40], scanner: scanner) { sink in
        var inputs = LogInputs(into: sink)
        inputs.read(file.path, named: "journal")
      })
    let sink = LineSink()
    _ = bundle.readLogs(into: sink)
    for text in [scanner.text["journal"], sink.text["journal"]] {
      let text = try #require(text)
      #expect(!text.lowercased().contains("first") && text.contains("SECOND") && text.contains("THIRD"))
      #expect(!text.contains("second"))
    }
  }

  @Test func smallLogsStayWholeAndLargeOnesShareTheRest() {
    let measure = LogMeasure { false }
    for size in [100, 10, 100] {
      measure.begin("log", modified: nil)
      [UInt8](repeating: 0x61, count: size).withUnsafeBytes { measure.block($0) }
      measure.end()
    }
    #expect(measure.excess(over: 1000) == [0, 0, 0])
    #expect(measure.excess(over: 110) == [50, 0, 50])
  }
}
