import EmbeddedKnowledge
import Foundation
import Model
import Testing

@testable import Knowledge

/// The commands of fixes that edit files, run on copies of such files: they do what the title says, `verify` tells
/// before from after, and `undo` brings every byte back.
@Suite struct FixRunTests {
  private static let rules: [Rule] =
    (try? EmbeddedKnowledge.files.withUnsafeBytes { try RuleSet(files: try KnowledgeFile.decode($0)) })?.rules ?? []

  @Test(arguments: FixRun.all)
  func theFixWorksAndCanBeTakenBack(run: FixRun) throws {
    let rule = try #require(Self.rules.first { $0.id == run.rule })
    try #require(run.fix < rule.fixes.count)
    let fix = rule.fixes[run.fix]
    let root = try NodeRoot(files: run.files)
    defer { root.remove() }
    if run.verify == .tells { #expect(try !root.succeeds(fix.verify, run), "verify holds before the fix") }

    try root.run(fix.commands, run)
    for (path, wanted) in run.after { #expect(root.text(path) == wanted) }
    if run.verify != .elsewhere { #expect(try root.succeeds(fix.verify, run), "verify fails after the fix") }
    let repaired = root.texts(Array(run.after.keys))
    try root.run(fix.commands, run)
    if run.repeats { #expect(root.texts(Array(run.after.keys)) == repaired, "a second run changes more") }

    root.reset(run.files)
    try root.run(fix.commands, run)
    try root.run(fix.undo, run)
    for path in Set(run.files.keys).union(run.after.keys) {
      #expect(root.text(path) == run.files[path], "undo of \(path)")
    }
  }
}

/// A folder that plays the root of a node, and stand-ins for the programs that would act on the machine.
struct NodeRoot {
  private let folder: URL
  private var root: URL { folder.appendingPathComponent("root") }
  private var programs: URL { folder.appendingPathComponent("bin") }

  private static let standIns = [
    "sudo": #"while [ "${1#-}" != "$1" ]; do shift; done; exec "$@""#,
    "containerd": #"cat "$NODE_ROOT/etc/containerd/config.toml""#,
    "docker": "echo systemd",
    "gpg": "cat >/dev/null",
    "apt-cache": "echo 'Candidate: 1.34.1 https://pkgs.k8s.io'",
  ]
  private static let silent = [
    "systemctl", "kubectl", "crictl", "kubeadm", "sleep", "sysctl", "modprobe", "swapoff", "swapon", "update-grub",
    "curl", "apt-get", "yum", "nmcli", "sudoedit", "journalctl",
  ]

  init(files: [String: String]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
    for (name, script) in Self.standIns.merging(Self.silent.map { ($0, "exit 0") }, uniquingKeysWith: { $1 }) {
      let url = programs.appendingPathComponent(name)
      try "#!/bin/sh\n\(script)\n".write(to: url, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    }
    reset(files)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Puts the files back as they were and takes all others away.
  func reset(_ files: [String: String]) {
    try? FileManager.default.removeItem(at: root)
    for (path, text) in files {
      let url = root.appendingPathComponent(path)
      try? FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try? text.write(to: url, atomically: false, encoding: .utf8)
    }
    for path in ["etc/sysctl.d", "etc/modules-load.d", "etc/NetworkManager/conf.d", "etc/apt/sources.list.d", "root"] {
      try? FileManager.default.createDirectory(
        at: root.appendingPathComponent(path), withIntermediateDirectories: true)
    }
  }

  /// The text of a file as the node would see it, nil when it is not there.
  func text(_ path: String) -> String? {
    (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
      .map { $0.replacingOccurrences(of: root.path, with: "") }
  }

  func texts(_ paths: [String]) -> [String: String] {
    paths.reduce(into: [:]) { $0[$1] = text($1) }
  }

  func run(_ commands: [String], _ run: FixRun) throws { _ = try shell(commands.joined(separator: "\n"), run) }

  func succeeds(_ verify: [String], _ run: FixRun) throws -> Bool {
    try verify.allSatisfy { try shell($0, run) }
  }

  private func shell(_ template: String, _ run: FixRun) throws -> Bool {
    let script = CommandTemplate.fill(template, captures: run.captures, facts: [:])
      .replacing(#/(?<before>^|[\s"'=#|(?])(?<path>/(?:etc|var|run|root|boot|data)\b)/#.anchorsMatchLineEndings()) {
        "\($0.before)\(root.path)\($0.path)"
      }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = folder
    process.environment = ["PATH": "\(programs.path):/usr/sbin:/usr/bin:/sbin:/bin", "NODE_ROOT": root.path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
