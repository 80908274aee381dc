/// One repository address that a package manager is told to use.
struct PackageSource: Sendable, Equatable {
  let url: String
  let line: Int
  /// The files of the keys that it is verified with; none where it names none, or is not verified.
  var keys: [String] = []

  /// Releases that the mirrors of Debian and Ubuntu no longer carry.
  private static let archived: Set<String> = [
    "jessie", "stretch", "buster", "artful", "cosmic", "disco", "eoan", "groovy", "hirsute", "impish", "kinetic",
    "lunar", "mantic", "oracular",
  ]

  /// Whether `url`, with its suites, asks a mirror for a release that was moved to the archive.
  static func isArchived(_ url: String) -> Bool {
    guard
      ["deb.debian.org", "security.debian.org", "ftp.debian.org", "archive.ubuntu.com", "security.ubuntu.com"]
        .contains(where: { url.contains("/\($0)/") || url.contains(".\($0)/") })
    else { return false }
    return url.split { $0 == " " || $0 == "-" || $0 == "/" }.contains { archived.contains(String($0)) }
  }

  /// The enabled addresses of a `.repo` file.
  ///
  /// - SeeAlso: dnf.conf(5), yum.conf(5)
  static func repo(_ text: String) -> [PackageSource] {
    var result: [PackageSource] = []
    var section: [PackageSource] = []
    var isEnabled = true
    var isURL = false
    var keys: [String] = []
    var isVerified = true
    func finished() -> [PackageSource] {
      guard isEnabled else { return [] }
      return section.map { PackageSource(url: $0.url, line: $0.line, keys: isVerified ? keys : []) }
    }
    for line in numberedLines(text) {
      let content = line.text.trimmed
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if content.hasPrefix("[") {
        result += finished()
        (section, isEnabled, isURL, keys, isVerified) = ([], true, false, [], true)
        continue
      }
      let isContinuation = line.text.first == " " || line.text.first == "\t"
      var values = content
      if !isContinuation {
        let parts = content.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { continue }
        let name = String(parts[0]).trimmed.lowercased()
        values = String(parts[1]).trimmed
        isURL = ["baseurl", "mirrorlist", "metalink"].contains(name)
        let isOff = ["0", "no", "false", "off"].contains(values.lowercased())
        if name == "enabled" { isEnabled = !isOff }
        if name == "gpgcheck" { isVerified = !isOff }
        // Variables such as $releasever stand for what only dnf(8) knows.
        if name == "gpgkey" {
          keys = values.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
            .filter { $0.hasPrefix("file:///") && !$0.contains("$") }.map { String($0.dropFirst(7)) }
        }
      }
      guard isURL else { continue }
      for url in values.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" }) {
        section.append(PackageSource(url: String(url), line: line.number))
      }
    }
    return result + finished()
  }

  /// The addresses of a one-line style file, with suite and components.
  ///
  /// - SeeAlso: sources.list(5)
  static func oneLine(_ text: String) -> [PackageSource] {
    numberedLines(text).compactMap { line in
      var fields = line.fields
      guard let type = fields.first, type == "deb" || type == "deb-src" else { return nil }
      fields.removeFirst()
      var keys: [String] = []
      if fields.first?.hasPrefix("[") == true {
        while let option = fields.first {
          fields.removeFirst()
          let bare = option.filter { $0 != "[" && $0 != "]" }
          if bare.lowercased().hasPrefix("signed-by=") { keys = files(String(bare.dropFirst(10)), by: ",") }
          if option.hasSuffix("]") { break }
        }
      }
      return fields.isEmpty ? nil : PackageSource(url: fields.joined(separator: " "), line: line.number, keys: keys)
    }
  }

  /// The paths among the words of `signed-by`, which may also be fingerprints or a whole key.
  private static func files(_ text: String, by separator: Character) -> [String] {
    text.split(separator: separator).map { String($0).trimmed }.filter { $0.hasPrefix("/") }
  }

  /// The enabled addresses of a deb822 style file, with suites.
  ///
  /// - SeeAlso: sources.list(5), deb822(5)
  static func deb822(_ text: String) -> [PackageSource] {
    var result: [PackageSource] = []
    var uris: [PackageSource] = []
    var suites = ""
    var isEnabled = true
    var field = ""
    var keys: [String] = []
    func finished() -> [PackageSource] {
      isEnabled ? uris.map { PackageSource(url: "\($0.url) \(suites)".trimmed, line: $0.line, keys: keys) } : []
    }
    for line in numberedLines(text) {
      let content = line.text.trimmed
      if content.hasPrefix("#") { continue }
      if content.isEmpty {
        result += finished()
        (uris, suites, isEnabled, field, keys) = ([], "", true, "", [])
        continue
      }
      var value = content
      if line.text.first != " ", line.text.first != "\t" {
        let parts = content.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        field = String(parts[0]).trimmed.lowercased()
        value = parts.count > 1 ? String(parts[1]).trimmed : ""
      }
      switch field {
      case "uris": uris += value.split(separator: " ").map { PackageSource(url: String($0), line: line.number) }
      case "suites": suites += " " + value
      case "signed-by": keys += files(value, by: " ")
      case "enabled": isEnabled = !["no", "false", "without", "off", "disable"].contains(value.lowercased())
      default: break
      }
    }
    return result + finished()
  }
}
