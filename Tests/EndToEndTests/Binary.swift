import Foundation
import Testing

/// The built kdoctor, run as a user runs it.
enum Binary {
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static var path: String {
    ProcessInfo.processInfo.environment["KDOCTOR"] ?? package.appendingPathComponent(".build/debug/kdoctor").path
  }

  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs kdoctor in `folder` with `input` on standard input.
  static func run(
    _ arguments: [String], in folder: URL = package, input: Data = Data(), environment: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ["PATH": "/usr/bin:/bin", "COLUMNS": "80"].merging(environment) { $1 }
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    func file(_ name: String, _ data: Data) throws -> FileHandle {
      let url = scratch.appendingPathComponent(name)
      try data.write(to: url)
      return try FileHandle(forUpdating: url)
    }
    process.standardInput = try file("in", input)
    process.standardOutput = try file("out", Data())
    process.standardError = try file("err", Data())
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      String(decoding: try Data(contentsOf: scratch.appendingPathComponent(name)), as: UTF8.self)
    }
    return Result(status: process.terminationStatus, output: try text("out"), errors: try text("err"))
  }

  /// The ids of the active findings that a JSON report names, in order.
  static func activeIDs(_ json: String) throws -> [String] {
    let report = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let findings = try #require(report["findings"] as? [[String: Any]])
    return findings.filter { $0["status"] as? String == "active" && $0["severity"] as? String != "info" }
      .compactMap { $0["id"] as? String }
  }

  /// Makes a folder that the caller removes.
  static func scratchFolder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }
}
