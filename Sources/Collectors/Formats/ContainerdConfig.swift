import Model

/// The configuration of containerd, with the files that it imports.
///
/// - SeeAlso: https://github.com/containerd/containerd/blob/main/docs/cri/config.md
/// - SeeAlso: containerd-config.toml(5)
struct ContainerdConfig: Sendable {
  let path: String
  private(set) var layers = LayeredTOML()
  private(set) var failure: (path: String, error: ReadError)?

  init(path: String, source: any Source) {
    self.path = path
    load(path, source, depth: 0)
  }

  /// Reads a file, then what it imports: imported files override it.
  private mutating func load(_ path: String, _ source: any Source, depth: Int) {
    guard depth < 4, layers.layers.count < 64, !layers.layers.contains(where: { $0.path == path }) else { return }
    do throws(ReadError) {
      let document = try TOMLDocument(try source.contents(of: path, limit: 1 << 20))
      layers.add(path, document)
      for pattern in document.list(["imports"]) ?? [] {
        for file in Self.files(pattern, beside: path, source) { load(file, source, depth: depth + 1) }
      }
    } catch {
      if failure == nil { failure = (path, error) }
    }
  }

  /// The files that a pattern such as `/etc/containerd/conf.d/*.toml` names.
  private static func files(_ pattern: String, beside path: String, _ source: any Source) -> [String] {
    let base = path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let full = pattern.hasPrefix("/") ? pattern : base + "/" + pattern
    guard let star = full.firstIndex(of: "*") else { return [full] }
    guard let slash = full[..<star].lastIndex(of: "/") else { return [] }
    let folder = String(full[..<slash])
    let prefix = full[full.index(after: slash)..<star]
    let suffix = full[full.index(after: star)...]
    return source.names(in: folder).filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.map { folder + "/" + $0 }
  }

  /// The files that were read, and the main one in any case.
  var files: [String] { layers.layers.isEmpty ? [path] : layers.layers.map(\.path) }

  var version: Int { layers.value(["version"]).flatMap { Int($0.value.text) } ?? 1 }

  /// The tables that hold the settings of CRI's runtime part and of its images part, by the version of the file.
  var runtimeTable: [String] {
    switch version {
    case 1: ["plugins", "cri"]
    case 2: ["plugins", "io.containerd.grpc.v1.cri"]
    default: ["plugins", "io.containerd.cri.v1.runtime"]
    }
  }
  var imagesTable: [String] { version < 3 ? runtimeTable : ["plugins", "io.containerd.cri.v1.images"] }

  /// CRI tables of other versions of the file: containerd ignores them.
  var ignoredTables: [String] {
    let names = ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images"]
    return layers.keys(below: ["plugins"]).filter {
      // Version 3 keeps the server's own settings, such as the stream's address, in the old table.
      names.contains($0) && $0 != runtimeTable[1] && $0 != imagesTable[1]
        && !(version >= 3 && $0 == "io.containerd.grpc.v1.cri"
          && layers.keys(below: ["plugins", $0]).allSatisfy { $0.contains("stream") || $0.contains("tcp") })
    }
  }

  var defaultRuntime: String {
    layers.value(runtimeTable + ["containerd", "default_runtime_name"])?.value.text ?? "runc"
  }

  /// All disabled plugins: containerd adds up the lists of its files.
  var disabledPlugins: [String] {
    var names: [String] = []
    for layer in layers.layers {
      for name in layer.document.list(["disabled_plugins"]) ?? [] where !names.contains(name) { names.append(name) }
    }
    return names
  }
}
