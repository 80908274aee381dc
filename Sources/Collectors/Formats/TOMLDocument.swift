import CTOML
import Model

/// A TOML file as a flat list of values, each with its line.
///
/// - SeeAlso: https://toml.io/en/v1.0.0
struct TOMLDocument: Sendable {
  struct Value: Sendable, Equatable {
    enum Kind: Sendable { case table, array, string, number, bool, other }
    let path: [String]
    let kind: Kind
    let text: String
    let line: Int
  }

  private(set) var values: [Value] = []

  /// - Throws: `.malformed` with the line of the fault.
  init(_ bytes: [UInt8]) throws(ReadError) {
    let box = Box()
    var message = [CChar](repeating: 0, count: 512)
    let line = bytes.withUnsafeBytes { raw in
      message.withUnsafeMutableBufferPointer { buffer in
        ctoml_parse(
          raw.bindMemory(to: CChar.self).baseAddress, raw.count,
          { context, path, kind, value, line in
            guard let context, let path, let value else { return }
            let parts = String(cString: path).split(separator: "\u{1f}", omittingEmptySubsequences: false)
            Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().values.append(
              Value(path: parts.map(String.init), kind: .init(kind), text: String(cString: value), line: Int(line)))
          }, Unmanaged.passUnretained(box).toOpaque(), buffer.baseAddress, buffer.count)
      }
    }
    if line > 0 {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw .malformed("line \(line): \(text)")
    }
    values = box.values
  }

  private final class Box { var values: [Value] = [] }

  /// The value at `path`.
  func value(_ path: [String]) -> Value? { values.last { $0.path == path } }

  /// The texts of the array at `path`; nil where there is none.
  func list(_ path: [String]) -> [String]? {
    guard value(path)?.kind == .array else { return nil }
    return values.filter { $0.path.count == path.count + 1 && $0.path.starts(with: path) }.map(\.text)
  }

  /// The names of the keys below `path`, in order.
  func keys(below path: [String]) -> [String] {
    var names: [String] = []
    for value in values where value.path.count > path.count && value.path.starts(with: path) {
      let name = value.path[path.count]
      if !names.contains(name) { names.append(name) }
    }
    return names.sorted()
  }
}

extension TOMLDocument.Value.Kind {
  fileprivate init(_ kind: Int32) {
    switch UInt32(bitPattern: kind) {
    case CTOML_TABLE.rawValue: self = .table
    case CTOML_ARRAY.rawValue: self = .array
    case CTOML_STRING.rawValue: self = .string
    case CTOML_NUMBER.rawValue: self = .number
    case CTOML_BOOL.rawValue: self = .bool
    default: self = .other
    }
  }
}

/// Several TOML files of which later ones override earlier ones, key by key.
struct LayeredTOML: Sendable {
  private(set) var layers: [(path: String, document: TOMLDocument)] = []

  /// Adds a file that overrides those before it.
  mutating func add(_ path: String, _ document: TOMLDocument) { layers.append((path, document)) }

  /// The value in force at `path`, and the file that sets it.
  func value(_ path: [String]) -> (value: TOMLDocument.Value, file: String)? {
    for layer in layers.reversed() { if let value = layer.document.value(path) { return (value, layer.path) } }
    return nil
  }

  /// The list in force at `path`, and where it stands.
  func list(_ path: [String]) -> (items: [String], file: String, line: Int)? {
    for layer in layers.reversed() {
      if let items = layer.document.list(path), let array = layer.document.value(path) {
        return (items, layer.path, array.line)
      }
    }
    return nil
  }

  /// The names of the keys below `path` in any file.
  func keys(below path: [String]) -> [String] {
    Array(Set(layers.flatMap { $0.document.keys(below: path) })).sorted()
  }
}
