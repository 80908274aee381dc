import Model

/// How a tool lays out what it collects of nodes.
protocol ForeignLayout: Sendable {
  /// What the tool's output is called.
  static var name: String { get }
  /// The nodes that `view` holds in this layout; none where it is not of this layout.
  static func nodes(in view: TreeView) -> [CapturedNode]
}

/// How a tool lays out a text.
protocol ForeignText: Sendable {
  static var name: String { get }
  /// The node that the text is about, as far as its beginning says; nil where it is not of this layout.
  static func node(in head: Substring) -> CapturedNode?
}

/// The nodes in one input, and where their files are.
public struct CapturedNodes: Sendable {
  enum Content: Sendable {
    case tree(CapturedTree)
    case stream(OpenedStream)
  }

  /// What the input is: `sos report`.
  public let layout: String
  /// Never empty.
  public let nodes: [CapturedNode]
  let content: Content

  /// The layouts that are known; the first that fits is taken.
  private static let layouts: [any ForeignLayout.Type] = [
    SosReport.self, TroubleshootBundle.self, KindExport.self, EKSLogBundle.self, MicroK8sInspection.self,
    RancherCollection.self, MustGather.self, ClusterInfoDump.self, PlainCopy.self,
  ]
  private static let texts: [any ForeignText.Type] = [MinikubeLogs.self, ClusterInfoText.self]
  /// Packing tools put a few folders around what they pack.
  private static let wrapLimit = 4

  /// Recognises what `tree` holds; nil where it is of no known layout.
  init?(_ tree: CapturedTree) {
    for view in TreeView.candidates(tree, limit: Self.wrapLimit) {
      for layout in Self.layouts {
        let nodes = layout.nodes(in: view)
        guard !nodes.isEmpty else { continue }
        self.layout = layout.name
        self.nodes = nodes.map { $0.settled(in: tree) }
        content = .tree(tree)
        return
      }
    }
    return nil
  }

  /// Recognises what `stream` is by its beginning; nil where it is an ordinary log.
  init?(_ stream: OpenedStream) {
    let head = String(decoding: stream.head, as: UTF8.self)
    for text in Self.texts {
      guard let node = text.node(in: head[...]) else { continue }
      layout = text.name
      nodes = [node]
      content = .stream(stream)
      return
    }
    return nil
  }

  /// What reports call the input.
  public var name: String {
    switch content {
    case .tree(let tree): tree.name
    case .stream(let stream): stream.name
    }
  }

  var warnings: [String] { if case .tree(let tree) = content { tree.warnings } else { [] } }

  /// The files of one of the nodes.
  public func source(of node: CapturedNode) -> any Source {
    if case .tree(let tree) = content { return ForeignSource(node, of: tree) }
    return ForeignSource(node, of: CapturedTree(name: name, place: .folder("/nonexistent"), entries: [:]))
  }
}

/// One captured node: which entries stand for its files, and which are its logs.
public struct CapturedNode: Sendable {
  /// Where the content of a file of the node is.
  enum File: Sendable {
    case entry(String)
    /// Made from what a command printed.
    case text([UInt8])
  }

  /// Lines made from objects of the API, in the form of a log.
  struct EventText: Sendable {
    let name: String
    let modified: Double
    let lines: [UInt8]
  }

  /// The node's name where the input holds several.
  public var name: String?
  /// By the absolute path on the node.
  private(set) var files: [String: File] = [:]
  private(set) var logs: [String] = []
  var events: [EventText] = []
  /// Folders that were copied whole: what is missing below them the node does not have.
  var wholeFolders: [String] = []

  init(name: String? = nil) { self.name = name }

  /// Takes the entry at `entry` for the node's file at `path`, unless that is known already.
  mutating func add(_ path: String, entry: String) { if files[path] == nil { files[path] = .entry(entry) } }

  /// Takes `text` for the content of the node's file at `path`, unless that is known already.
  mutating func add(_ path: String, text: String?) {
    if let text, files[path] == nil { files[path] = .text(Array(text.utf8)) }
  }

  /// Takes the entry at `entry` for a log of the node.
  mutating func add(log entry: String) { logs.append(entry) }

  /// The node as it may be believed: logs in the order of their names, and nothing absent from what was cut.
  fileprivate func settled(in tree: CapturedTree) -> CapturedNode {
    var node = self
    node.logs = Set(logs).filter { tree.entry($0)?.status.kind == .file }.sorted()
    if tree.failure != nil { node.wholeFolders = [] }
    return node
  }
}

/// The part of a tree below a folder, with names relative to it.
struct TreeView {
  let tree: CapturedTree
  /// Ends with a slash, unless it is empty.
  let prefix: String
  /// The names below, sorted.
  let paths: [String]

  init(_ tree: CapturedTree, below prefix: String) {
    self.tree = tree
    self.prefix = prefix
    paths =
      prefix.isEmpty
      ? tree.paths : tree.paths.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  /// The whole tree, and what is in the folders around all of it.
  static func candidates(_ tree: CapturedTree, limit: Int) -> [TreeView] {
    var views = [TreeView(tree, below: "")]
    while views.count <= limit, let view = views.last {
      let tops = Set(view.paths.compactMap { $0.split(separator: "/").first })
      guard tops.count == 1, let top = tops.first, view.paths.contains(where: { $0.hasPrefix(top + "/") }) else {
        break
      }
      views.append(TreeView(tree, below: view.prefix + top + "/"))
    }
    return views
  }

  /// The name in the tree.
  func full(_ path: String) -> String { prefix + path }

  func has(_ path: String) -> Bool { tree.entries[prefix + path] != nil }

  func hasFolder(_ path: String) -> Bool {
    tree.entries[prefix + path]?.status.kind == .folder || !self.paths(below: path).isEmpty
  }

  /// The names that begin with `folder` and a slash.
  func paths(below folder: String) -> ArraySlice<String> {
    let start = folder + "/"
    let first = paths.partitioningIndex { $0 >= start }
    return paths[first...].prefix { $0.hasPrefix(start) }
  }

  func size(_ path: String) -> Int { tree.entry(prefix + path)?.status.size ?? 0 }

  /// The content of a small file.
  func text(_ path: String) -> String? {
    guard let bytes = try? tree.contents(of: prefix + path, limit: CapturedTree.smallSize) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Array {
  /// The first place from which on `isSecond` holds, where the array is parted by it.
  func partitioningIndex(where isSecond: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
