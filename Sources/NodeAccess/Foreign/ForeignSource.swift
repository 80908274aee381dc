import Model

/// A node as another tool captured it.
///
/// What such a capture does not hold is unknown, not absent, unless the folder around it was copied whole.
struct ForeignSource: Source {
  let name: String
  private let node: CapturedNode
  private let tree: CapturedTree
  /// The paths of all files, sorted.
  private let paths: [String]
  /// Tools copy these with all that they hold; of other folders they pick a few files.
  private static let listedFolders = [
    "/etc/kubernetes/manifests", "/etc/kubernetes/pki", "/etc/containerd", "/var/lib/kubelet/pki", "/proc/sys",
    "/var/snap/microk8s/current/args",
  ]

  init(_ node: CapturedNode, of tree: CapturedTree) {
    name = tree.name
    self.node = node
    self.tree = tree
    paths = node.files.keys.sorted()
  }

  func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    let real = try resolve(path, lastLink: true)
    switch node.files[real] {
    case .entry(let entry)?: return try tree.contents(of: entry, limit: limit)
    case .text(let bytes)?:
      if bytes.count > limit { throw .malformed("is larger than \(limit) bytes") }
      return bytes
    case nil: throw children(of: real).isEmpty ? missing(real) : .failed("is a folder, not a file")
    }
  }

  func entries(of path: String) throws(ReadError) -> [String] {
    let real = try resolve(path, lastLink: true)
    let names = children(of: real)
    if names.isEmpty, node.files[real] != nil {
      throw .failed("is a file, not a folder")
    }
    if isWhole(real) {
      guard names.isEmpty else { return names }
      throw .absent
    }
    let isListed = real.hasSuffix(".d") || Self.listedFolders.contains { real == $0 || real.hasPrefix($0 + "/") }
    guard isListed, !names.isEmpty else { throw .notCaptured }
    return names
  }

  func status(of path: String, followingLinks: Bool) throws(ReadError) -> PathStatus {
    let real = try resolve(path, lastLink: followingLinks)
    switch node.files[real] {
    case .entry(let entry)?:
      guard let status = tree.entry(entry)?.status else { throw .notCaptured }
      return status
    case .text(let bytes)?: return PathStatus(kind: .file, mode: 0o444, size: bytes.count, modified: 0)
    case nil:
      guard !children(of: real).isEmpty else { throw missing(real) }
      return PathStatus(kind: .folder, mode: 0o755, size: 0, modified: 0)
    }
  }

  /// The names directly below `folder`, sorted.
  private func children(of folder: String) -> [String] {
    let start = folder == "/" ? "/" : folder + "/"
    var names: [String] = []
    for path in paths[paths.partitioningIndex { $0 >= start }...] {
      guard path.hasPrefix(start) else { break }
      guard let name = path.dropFirst(start.count).split(separator: "/").first.map(String.init) else { continue }
      if names.last != name { names.append(name) }
    }
    return Array(Set(names)).sorted()
  }

  private func missing(_ path: String) -> ReadError { isWhole(path) ? .absent : .notCaptured }

  private func isWhole(_ path: String) -> Bool {
    node.wholeFolders.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  private func resolve(_ path: String, lastLink: Bool) throws(ReadError) -> String {
    let real = try LinkPath.resolved(path, lastLink: lastLink) { here in
      guard case .entry(let entry)? = node.files[here] else { return nil }
      return tree.entry(entry)?.status.target
    }
    return real.isEmpty ? "/" : real
  }
}
