import Model

/// The versions of installed packages, as the package manager's own files tell them.
///
/// - SeeAlso: dpkg(1), https://wiki.alpinelinux.org/wiki/Apk_spec
struct InstalledPackages: Sendable {
  private var versions: [String: String] = [:]
  private(set) var file = "/var/lib/dpkg/status"

  init(of source: any Source) {
    var name = ""
    var isInstalled = true
    guard let bytes = try? source.contents(of: file, limit: 64 << 20) else { return }
    for line in bytes.split(separator: 0x0a) {
      if line.starts(with: Array("Package: ".utf8)) {
        name = String(decoding: line.dropFirst(9), as: UTF8.self)
        isInstalled = true
      } else if line.starts(with: Array("Status: ".utf8)) {
        isInstalled = line.suffix(10).elementsEqual(" installed".utf8)
      } else if line.starts(with: Array("Version: ".utf8)), isInstalled {
        versions[name] = String(decoding: line.dropFirst(9), as: UTF8.self)
      }
    }
  }

  /// The upstream version of the first of `names` that is installed: `1.31.2` of `1:1.31.2-1.1`.
  func version(_ names: String...) -> String? {
    for name in names {
      guard let version = versions[name] else { continue }
      let upstream = version.split(separator: ":").last ?? ""
      return String(upstream.prefix { $0.isNumber || $0 == "." })
    }
    return nil
  }
}
