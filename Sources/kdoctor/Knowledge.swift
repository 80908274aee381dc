import ArgumentParser
import EmbeddedKnowledge
import Glibc
import Knowledge
import LogScan
import Model
import YAMLTree

/// The rules in force: those that kdoctor was built with, and those of `--knowledge`.
struct LoadedKnowledge {
  let rules: RuleSet
  let database: SignatureDatabase
  /// A digest (FNV-1a, 64 bits) of all files, by which two reports are known to come from the same knowledge.
  let digest: String

  /// - Throws: `KnowledgeError`, `YAMLError` or `SignatureError` for what is wrong in `folder`.
  init(adding folder: String?, withEmbedded: Bool = true) throws {
    let embedded = withEmbedded ? EmbeddedKnowledge.files : []
    var files = try embedded.withUnsafeBytes { try KnowledgeFile.decode($0) }
    var hash = FNV()
    hash.add(embedded)
    if let folder {
      let paths = KnowledgeFolder.files(below: folder)
      if paths.isEmpty {
        throw KnowledgeError(
          file: folder, line: 0, message: "no rule was found; name a folder that holds AREA/ID.yaml and can be read")
      }
      for path in paths {
        let bytes = try KnowledgeFolder.contents(folder + "/" + path)
        hash.add(bytes)
        do {
          files.append(KnowledgeFile(path: path, tree: try YAMLNode.parse(bytes)))
        } catch let error as YAMLError {
          throw KnowledgeError(file: folder + "/" + path, line: error.line, message: error.message)
        }
      }
    }
    rules = try RuleSet(files: files)
    digest = hash.text
    if folder == nil {
      let bytes = EmbeddedKnowledge.database
      database = try bytes.withUnsafeBytes { try SignatureDatabase(deserializing: $0) }
    } else {
      do {
        database = try SignatureDatabase(compiling: rules.expressions)
      } catch let error as SignatureError where rules.signatures.indices.contains(error.index) {
        let pattern = rules.signatures[error.index].pattern
        throw KnowledgeError(
          file: folder ?? "", line: pattern.line,
          message: "vectorscan refuses `\(pattern.expression)`: \(error.message)")
      }
    }
  }
}

private struct FNV {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: [UInt8]) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  var text: String { String(value, radix: 16) }
}

/// The files of a knowledge folder.
enum KnowledgeFolder {
  /// The paths of the YAML files below `folder`, relative to it, in order.
  static func files(below folder: String) -> [String] {
    var paths: [String] = []
    func walk(_ part: String, _ depth: Int) {
      guard depth < 8, let handle = opendir(folder + "/" + part) else { return }
      defer { closedir(handle) }
      while let entry = readdir(handle) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasPrefix(".") { continue }
        let path = part.isEmpty ? name : part + "/" + name
        if name.hasSuffix(".yaml") { paths.append(path) } else { walk(path, depth + 1) }
      }
    }
    walk("", 0)
    return paths.sorted()
  }

  /// The bytes of a rule file; a file over 4 MB is none.
  static func contents(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else {
      throw KnowledgeError(file: path, line: 0, message: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    guard count < bytes.count else { throw KnowledgeError(file: path, line: 0, message: "is too large for a rule") }
    return Array(bytes[..<count])
  }
}
