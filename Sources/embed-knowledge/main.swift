import CZstd
import FoundationEssentials
import Glibc
import Knowledge
import LogScan
import Model
import YAMLTree

// embed-knowledge KNOWLEDGE OUTPUT: compiles the knowledge base into a Swift source. Runs at build time only.

/// Writes a line to standard error.
func complain(_ message: String) {
  let line = Array((message + "\n").utf8)
  _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// `bytes` packed with zstd, as base64 text.
func packed(_ bytes: [UInt8]) -> String {
  var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  let count = ZSTD_compress(&packed, packed.count, bytes, bytes.count, 19)
  guard ZSTD_isError(count) == 0 else { return "" }
  return Data(packed.prefix(count)).base64EncodedString()
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  complain("usage: embed-knowledge KNOWLEDGE OUTPUT")
  exit(64)
}

do {
  let root = URL(fileURLWithPath: arguments[1], isDirectory: true)
  let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".yaml") }.sorted()
  var files: [KnowledgeFile] = []
  for path in paths {
    let bytes = [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
    do {
      files.append(KnowledgeFile(path: path, tree: try YAMLNode.parse(bytes)))
    } catch let error as YAMLError {
      throw KnowledgeError(file: root.appendingPathComponent(path).path, line: error.line, message: error.message)
    }
  }
  let rules = try RuleSet(files: files)
  let database: SignatureDatabase
  do {
    database = try SignatureDatabase(compiling: rules.expressions)
  } catch let error as SignatureError where rules.signatures.indices.contains(error.index) {
    let pattern = rules.signatures[error.index].pattern
    throw KnowledgeError(file: "knowledge", line: pattern.line, message: "`\(pattern.expression)`: \(error.message)")
  }
  var trees: [UInt8] = []
  for file in files { file.encode(into: &trees) }
  let source = """
    // Made from knowledge/ by embed-knowledge.
    extension EmbeddedKnowledge {
      static let filesText: StaticString = "\(packed(trees))"
      static let databaseText: StaticString = "\(packed([UInt8](try database.serialized())))"
    }

    """
  try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
} catch {
  complain("error: \(error)")
  exit(1)
}
