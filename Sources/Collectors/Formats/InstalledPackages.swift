import Glibc
import Model

/// The versions of installed packages, as the package manager's own files tell them.
///
/// - SeeAlso: dpkg(1), https://rpm-software-management.github.io/rpm/manual/format_header.html
struct InstalledPackages: Sendable {
  private var versions: [String: String] = [:]
  private(set) var file = "/var/lib/dpkg/status"
  private var database: [UInt8] = []
  /// Where package managers keep what is installed.
  static var files: [String] { ["/var/lib/dpkg/status"] + databases }

  private static let databases = [
    "/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/Packages.db",
    "/var/lib/rpm/Packages.db", "/var/lib/rpm/Packages",
  ]

  init(of source: any Source) {
    var name = ""
    var isInstalled = true
    guard let bytes = try? source.contents(of: file, limit: 32 << 20) else {
      for path in Self.databases {
        guard let bytes = try? source.contents(of: path, limit: 48 << 20) else { continue }
        (file, database) = (path, bytes)
        break
      }
      return
    }
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
      guard let version = versions[name] ?? rpmVersion(name) else { continue }
      let upstream = version.split(separator: ":").last ?? ""
      return String(upstream.prefix { $0.isNumber || $0 == "." })
    }
    return nil
  }

  /// The version that follows the package's name in a header of RPM's database, whatever format holds the headers.
  ///
  /// In a header's store, the strings of the tags NAME and VERSION stand one after the other, each ended by NUL.
  /// Records of removed versions may linger, so the newest one counts.
  private func rpmVersion(_ name: String) -> String? {
    let pattern = Array(name.utf8) + [0]
    guard let letter = pattern.first else { return nil }
    var best: String?
    database.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return }
      var start = 1
      while start + pattern.count < raw.count,
        let found = memchr(base + start, Int32(letter), raw.count - pattern.count - start)
      {
        let place = UnsafeRawPointer(found) - base
        start = place + 1
        guard raw[place - 1] == 0, memcmp(found, pattern, pattern.count) == 0 else { continue }
        start = place + pattern.count
        let version = String(decoding: raw[start..<min(start + 32, raw.count)].prefix { $0 != 0 }, as: UTF8.self)
        guard version.first?.isNumber ?? false, version.contains(".") else { continue }
        if let old = best, !isVersion(old, olderThan: version) { continue }
        best = version
      }
    }
    return best
  }
}
