import Model

/// Kernel modules that a node needs.
///
/// - SeeAlso: proc_modules(5), modules.dep(5), modules.builtin in Documentation/kbuild/kbuild.rst
enum ModulesCollector: Collector {
  static let name = "modules"

  static let answers: [(key: String, summary: String)] = [
    ("modules.loaded", "the loaded modules: proc_modules(5)"),
    ("modules.missing", "needed modules that are neither loaded nor built in nor loadable: modules.dep(5)"),
    ("modules.brNetfilterLoaded", "whether br_netfilter is loaded or built in: proc_modules(5)"),
  ]

  /// Modules that every node needs, each with a path that stands only while the module works.
  private static let needed = [
    ("overlay", "/sys/module/overlay"), ("br_netfilter", "/proc/sys/net/bridge"),
    ("nf_conntrack", "/proc/sys/net/netfilter/nf_conntrack_max"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let table = "/proc/modules"
    var loaded: [String] = []
    var error: ReadError?
    switch source.reading(table) {
    // Written by every kernel with modules; one without has none to load, or the capture left it out.
    case .absent: error = .notCaptured
    case .unknown(let reason): error = reason
    case .found(let text):
      loaded = numberedLines(text).compactMap(\.fields.first)
      collected.add("modules.loaded", list: loaded, from: table)
    }
    if let error { collected.leaveOpen("modules.loaded", because: error) }
    let release = source.reading("/proc/sys/kernel/osrelease").value?.trimmed ?? known.filled("kernel.release")
    let tree = release.map { ModuleTree(release: $0, source: source) }
    var works = Set(loaded)
    for (module, path) in needed where source.existing(path).value != nil || tree?.builtin.contains(module) == true {
      works.insert(module)
    }
    if works.contains("br_netfilter") || error == nil {
      let path = works.contains("br_netfilter") && !loaded.contains("br_netfilter") ? needed[1].1 : table
      collected.add("modules.brNetfilterLoaded", bool: works.contains("br_netfilter"), from: path)
    } else {
      collected.leaveOpen("modules.brNetfilterLoaded", because: error ?? .notCaptured)
    }
    let open = needed.map(\.0).filter { !works.contains($0) }
    if open.isEmpty {
      collected.add("modules.missing", list: [], from: table)
    } else if let reason = error ?? (tree == nil ? .notCaptured : tree?.error) {
      collected.leaveOpen("modules.missing", because: reason)
    } else if let tree {
      collected.add("modules.missing", list: open.filter { !tree.loadable.contains($0) }, from: tree.path)
    }
    return collected
  }
}

/// The modules that depmod(8) found for one kernel.
private struct ModuleTree {
  var path: String
  var builtin: Set<String> = []
  var loadable: Set<String> = []
  var error: ReadError?

  init(release: String, source: any Source) {
    path = "/lib/modules/\(release)"
    guard !release.contains("/"), !release.isEmpty else {
      error = .malformed("the kernel's release is no folder's name")
      return
    }
    // Where no kernel has a folder, they were not copied; where another one has, this one's was removed.
    let others = ["/lib/modules", "/usr/lib/modules"].flatMap { source.listing($0).value ?? [] }
    if others.isEmpty { error = .notCaptured }
    for folder in [path, "/usr/lib/modules/\(release)"] {
      switch source.existing(folder) {
      case .absent: continue
      case .unknown(let reason): error = reason
      case .found:
        path = folder
        error = nil
        builtin = names(in: "modules.builtin", of: source)
        loadable = names(in: "modules.dep", of: source)
        return
      }
    }
  }

  private mutating func names(in file: String, of source: any Source) -> Set<String> {
    do throws(ReadError) {
      let bytes = try source.contents(of: "\(path)/\(file)", limit: 8 << 20)
      let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 100_000)
      return Set(
        lines.map { line in
          let entry = line.prefix { $0 != UInt8(ascii: ":") }
          let name = entry.split(separator: UInt8(ascii: "/")).last ?? []
          let stem = name.prefix { $0 != UInt8(ascii: ".") }.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
          return String(decoding: stem, as: UTF8.self)
        })
    } catch {
      // The folder is there: a missing list means that depmod(8) did not run, and then nothing can be loaded.
      if case .absent = error { return [] }
      self.error = error
      return []
    }
  }
}
