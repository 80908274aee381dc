import Foundation
import Model
import Testing

@testable import NodeAccess

private let remote = "/lib/systemd/systemd-journal-remote"

private let canWriteJournals: Bool = {
  let has = [remote, "/usr/bin/journalctl"].allSatisfy(FileManager.default.isExecutableFile)
  if !has { print("skipped: systemd-journal-remote is not installed (scripts/setup installs it)") }
  return has
}()

/// The build without libsystemd reads journals through journalctl: it has to show the lines that sd-journal shows.
@Suite(.enabled(if: canWriteJournals)) struct JournalCommandTests {
  private final class Lines: LogSink {
    var bytes: [UInt8] = []
    var isCancelled: Bool { false }
    func begin(_ name: String, modified: LogTime?) {}
    func block(_ block: UnsafeRawBufferPointer) { bytes.append(contentsOf: block) }
    func end() {}

    var text: [Substring] { String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
  }

  private static let base = 1_795_000_000

  private static func entry(_ number: Int, _ boot: Character, unit: String, name: String, _ message: String) -> Data {
    var entry = Data(
      """
      __REALTIME_TIMESTAMP=\((base + number * 60) * 1_000_000 + number)
      __MONOTONIC_TIMESTAMP=\(number * 60_000_000)
      _BOOT_ID=0000000000000000000000000000000\(boot)
      _HOSTNAME=node-1
      _SYSTEMD_UNIT=\(unit)
      SYSLOG_IDENTIFIER=\(name)
      _PID=\(900 + number)
      MESSAGE

      """.utf8)
    withUnsafeBytes(of: UInt64(message.utf8.count).littleEndian) { entry.append(contentsOf: $0) }
    entry.append(Data((message + "\n\n").utf8))
    return entry
  }

  /// A journal of two boots in `folder`, with a message of several lines and one of another unit.
  private static func write(in folder: URL) throws -> String {
    let messages: [(Character, String, String, String)] = [
      ("a", "kubelet.service", "kubelet", "I1118 started"),
      ("a", "kubelet.service", "kubelet", "E1118 contents=<\n\tone\n >"),
      ("a", "backup.service", "backup", "no space left on device"), ("a", "init.scope", "systemd", "Started backup."),
      ("b", "containerd.service", "containerd", "time=x level=error msg=\"\u{1b}[31mred\u{1b}[0m\""),
      ("b", "session-1.scope", "kubelet", "started by hand"), ("b", "kubelet.service", "kubelet", "café ✓"),
    ]
    var export = Data()
    for (index, (boot, unit, name, text)) in messages.enumerated() {
      export.append(entry(index, boot, unit: unit, name: name, text))
    }
    let input = folder.appendingPathComponent("export")
    let output = folder.appendingPathComponent("system.journal")
    try export.write(to: input)
    let process = try Process.run(URL(fileURLWithPath: remote), arguments: ["-o", output.path, input.path])
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return output.path
  }

  private static let requests: [(name: String, count: Int, request: JournalRequest)] = [
    ("all", 7, JournalRequest()),
    ("units", 6, JournalRequest(onlyNodeUnits: true)),
    ("since", 4, JournalRequest(window: window(since: 180, until: .infinity))),
    ("between", 2, JournalRequest(window: window(since: 60, until: 179))),
    ("boot", 4, JournalRequest(window: LogWindow(boot: .number(-1)))),
    ("last boot", 3, JournalRequest(window: LogWindow(boot: .number(0)))),
    ("id", 3, JournalRequest(window: LogWindow(boot: BootChoice("0000000000000000000000000000000a+1")))),
  ]

  private static func window(since: Double, until: Double) -> LogWindow {
    LogWindow(times: TimeWindow([TimeWindow.Span(since: Double(base) + since, until: Double(base) + until)]))
  }

  @Test func showsWhatLibsystemdShows() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let journal = try Self.write(in: folder)
    for (name, count, request) in Self.requests {
      let library = Lines()
      let command = Lines()
      let feeder = BlockFeeder(library, name: journal, modified: nil, isJournal: true)
      try JournalFiles.read([journal], request, into: feeder)
      feeder.finish()
      let other = BlockFeeder(command, name: journal, modified: nil, isJournal: true)
      try JournalCommand.read([journal], request, into: other)
      other.finish()
      #expect(command.text == library.text, "\(name)")
      #expect(library.text.count == count, "\(name)")
    }
  }

  @Test func aFileThatIsNoneIsNamed() {
    let feeder = BlockFeeder(Lines(), name: "x", modified: nil)
    #expect(throws: ReadError.self) { try JournalCommand.read(["/etc/passwd"], JournalRequest(), into: feeder) }
  }
}
