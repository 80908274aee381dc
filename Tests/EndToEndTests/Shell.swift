import Foundation
import Testing

/// Commands that set a stage for kdoctor, or run it as a script would.
enum Shell {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
    let seconds: Double
  }

  /// Runs `script` in `folder`; `$K` is kdoctor.
  static func run(_ script: String, in folder: URL) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // Foundation waits for the end of every process that holds its socket: what is left behind must not.
    let closing = "for f in /proc/$$/fd/*; do f=${f##*/}; [ $f -gt 2 ] && eval \"exec $f>&-\"; done; "
    process.arguments = ["-c", closing + script]
    process.currentDirectoryURL = folder
    process.environment = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "COLUMNS": "80", "K": Binary.path, "TMPDIR": folder.path, "LC_ALL": "C",
    ]
    let out = folder.appendingPathComponent(".out-" + UUID().uuidString)
    let err = folder.appendingPathComponent(".err-" + UUID().uuidString)
    for url in [out, err] { try Data().write(to: url) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    let began = Date()
    try process.run()
    process.waitUntilExit()
    let seconds = Date().timeIntervalSince(began)
    defer { for url in [out, err] { try? FileManager.default.removeItem(at: url) } }
    return Result(
      status: process.terminationStatus, output: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: err), as: UTF8.self), seconds: seconds)
  }

  /// Runs `script`, which has to succeed.
  static func stage(_ script: String, in folder: URL) throws {
    let result = try run("set -e; " + script, in: folder)
    try #require(result.status == 0, "\(script): \(result.errors)")
  }

  /// Whether `program` is installed; says so where it is not.
  static func has(_ program: String) -> Bool {
    let isThere = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/lib/systemd/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + program)
    }
    if !isThere { print("skipped: \(program) is not installed (scripts/setup installs it)") }
    return isThere
  }

  /// Whether the tests may mount and become another user; says so where they may not.
  static let isRoot: Bool = {
    if geteuid() == 0 { return true }
    print("skipped: only root can mount file systems and become another user")
    return false
  }()
}
