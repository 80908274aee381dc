import Model

/// Paths as the node itself would resolve them: nothing leads out of its root.
///
/// - SeeAlso: path_resolution(7)
enum LinkPath {
  /// More links than this are a loop; the number is the kernel's.
  private static let linkLimit = 40

  /// `path` without links, `.` and `..`; empty for the root.
  ///
  /// - Parameters:
  ///   - lastLink: whether a link at the end is followed, too.
  ///   - target: where the link at a path points; nil for what is no link.
  static func resolved(
    _ path: String, lastLink: Bool, target: (String) throws(ReadError) -> String?
  ) throws(ReadError) -> String {
    var pending = Array(path.split(separator: "/").map(String.init).reversed())
    var done: [String] = []
    var links = 0
    while let part = pending.popLast() {
      if part == "." { continue }
      if part == ".." {
        _ = done.popLast()
        continue
      }
      let here = "/" + (done + [part]).joined(separator: "/")
      guard let target = try target(here), lastLink || !pending.isEmpty else {
        done.append(part)
        continue
      }
      links += 1
      guard links <= linkLimit else { throw .malformed("is a loop of symbolic links") }
      if target.hasPrefix("/") { done = [] }
      pending += target.split(separator: "/").map(String.init).reversed()
    }
    return done.isEmpty ? "" : "/" + done.joined(separator: "/")
  }
}
