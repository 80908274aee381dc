import Foundation
import Testing

@Suite struct FactKeyTests {
  /// A rule that asks for what no collector answers can never speak.
  @Test func everyFactOfARuleIsAnswered() throws {
    let listing = try Binary.run(["facts", "--list"]).output
    let answered = Set(listing.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
    #expect(answered.count > 150)
    let folder = Binary.package.appendingPathComponent("knowledge")
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var asked: [String: String] = [:]
    for case let file as URL in files where file.pathExtension == "yaml" && !file.path.contains("/knowledge/facts/") {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:\bfact|differsFrom): ([a-zA-Z]+\.[a-zA-Z0-9]+)/) {
        asked[String(match.1)] = file.lastPathComponent
      }
    }
    #expect(asked.count > 80)
    for (key, file) in asked.sorted(by: { $0.key < $1.key }) {
      #expect(answered.contains(key), "\(key) of \(file)")
    }
  }
}
