import Foundation
import Testing

@testable import Collectors

@Suite struct GzipTests {
  /// `text` as gzip(1) packs it; nil where the machine has none.
  private func packed(_ text: [UInt8], level: String) throws -> [UInt8]? {
    let program = "/usr/bin/gzip"
    guard FileManager.default.isExecutableFile(atPath: program) else {
      print("skipped: \(program) is not there")
      return nil
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("kdoctor-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [level, "-c", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(output)
  }

  private static let texts: [[UInt8]] = [
    [], Array("CONFIG_NET_NS=y\n".utf8),
    (0..<9000).flatMap { Array("CONFIG_OPTION_\($0 &* 7919 % 4001)=\($0 % 3 == 0 ? "y" : "m")\n".utf8) },
    (0..<70_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) },
    [UInt8](repeating: 65, count: 100_000),
  ]

  @Test(arguments: 0..<5, ["-1", "-9"])
  func unpacksWhatGzipPacks(index: Int, level: String) throws {
    let text = Self.texts[index]
    guard let packed = try packed(text, level: level) else { return }
    #expect(Gzip.unpacked(packed, limit: 1 << 20) == text)
  }

  @Test func keepsToItsLimit() throws {
    guard let packed = try packed([UInt8](repeating: 65, count: 100_000), level: "-9") else { return }
    #expect(Gzip.unpacked(packed, limit: 99_999) == nil)
    #expect(Gzip.unpacked(packed, limit: 100_000)?.count == 100_000)
  }

  /// Every cut and every changed byte gives an answer or none, but no trap.
  @Test func survivesDamage() throws {
    guard let packed = try packed(Self.texts[2].prefix(4000).map { $0 }, level: "-9") else { return }
    for place in packed.indices {
      var damaged = packed
      damaged[place] ^= UInt8(truncatingIfNeeded: place &* 37 | 1)
      _ = Gzip.unpacked(damaged, limit: 1 << 16)
      if place < packed.count - 9 { #expect(Gzip.unpacked(Array(packed[..<place]), limit: 1 << 16) == nil) }
    }
  }
}
