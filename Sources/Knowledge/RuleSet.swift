import LogScan
import Model
import YAMLTree

/// One file of the knowledge base, as read.
public struct KnowledgeFile: Sendable {
  /// The path below the knowledge folder: `memory/swap-enabled.yaml`.
  public let path: String
  public let tree: YAMLNode

  public init(path: String, tree: YAMLNode) {
    self.path = path
    self.tree = tree
  }

  var area: String { String(path.split(separator: "/").dropLast().last ?? "") }
  var name: String {
    let last = path.split(separator: "/").last ?? ""
    return String(last.hasSuffix(".yaml") ? last.dropLast(5) : last)
  }

  /// Appends the file in the form that `decode` reads.
  public func encode(into bytes: inout [UInt8]) {
    YAMLNode(.scalar(path, isPlain: false), line: 0).encode(into: &bytes)
    tree.encode(into: &bytes)
  }

  /// Reads all files that `encode` wrote.
  public static func decode(_ bytes: UnsafeRawBufferPointer) throws -> [KnowledgeFile] {
    var files: [KnowledgeFile] = []
    var offset = 0
    while offset < bytes.count {
      let path = try YAMLNode(decoding: bytes, at: &offset)
      files.append(KnowledgeFile(path: path.text ?? "", tree: try YAMLNode(decoding: bytes, at: &offset)))
    }
    return files
  }
}

/// All failures that kdoctor knows, and the signatures by which it finds them.
public struct RuleSet: Sendable {
  /// A rule and the places of its patterns among the signatures.
  struct Entry: Sendable {
    let rule: Rule
    let file: String
    /// The signatures of `when`, in the order of `Condition.patterns`.
    let patterns: [Int]
    let cleared: [Int]
  }

  let entries: [Entry]
  let byID: [String: Entry]
  /// For each id, all that it explains, directly or through others.
  let reach: [String: Set<String>]
  public let signatures: [Signature]

  /// All rules, by id.
  public var rules: [Rule] { entries.map(\.rule) }

  /// The rule of the given id.
  public func rule(_ id: String) -> Rule? { byID[id]?.rule }

  /// Reads the rules of `files`; a later file replaces an earlier one of the same id.
  ///
  /// - Throws: `KnowledgeError` for the first fault.
  public init(files: [KnowledgeFile]) throws {
    var read: [String: (Rule, String)] = [:]
    var hints: [(String, Signature)] = []
    for file in files {
      let reader = RuleReader(file: file.path)
      if file.area == "facts" {
        hints += try file.tree.items.map { (file.path, try reader.hint($0)) }
      } else {
        let rule = try reader.rule(file.tree, area: file.area)
        read[rule.id] = (rule, file.path)
      }
    }
    var signatures: [Signature] = []
    entries = read.values.sorted { $0.0.id < $1.0.id }.map { rule, file in
      func add(_ patterns: [LogPattern]) -> [Int] {
        patterns.map {
          signatures.append(Signature($0, subject: rule.subject))
          return signatures.count - 1
        }
      }
      return Entry(rule: rule, file: file, patterns: add(rule.when.patterns), cleared: add(rule.cleared))
    }
    signatures += hints.map(\.1)
    self.signatures = signatures
    byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.rule.id, $0) })
    reach = RuleSet.closure(of: entries.map(\.rule))
  }

  /// The expressions to compile, in the order of `signatures`.
  public var expressions: [String] { signatures.map { Expression.scannable($0.pattern.expression) } }

  private static func closure(of rules: [Rule]) -> [String: Set<String>] {
    let edges = Dictionary(uniqueKeysWithValues: rules.map { ($0.id, $0.explains) })
    var reach: [String: Set<String>] = [:]
    for rule in rules {
      var found: Set<String> = []
      var open = rule.explains
      while let next = open.popLast() {
        if found.insert(next).inserted { open += edges[next] ?? [] }
      }
      reach[rule.id] = found
    }
    return reach
  }
}

extension RuleReader {
  /// `{ fact: kubelet.version, matches: … }` or `{ start: kubelet, log: … }`.
  func hint(_ node: YAMLNode) throws -> Signature {
    let pairs = node.pairs.filter { $0.key != "fact" && $0.key != "start" }
    let pattern = try pattern(YAMLNode(.mapping(pairs), line: node.line))
    if let key = node["fact"]?.text { return Signature(pattern, role: .fact(key)) }
    if let unit = node["start"]?.text { return Signature(pattern, role: .start(unit)) }
    throw fail(node, "a hint names a `fact` or a `start`")
  }
}
