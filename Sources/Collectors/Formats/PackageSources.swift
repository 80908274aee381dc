/// One repository address that a package manager is told to use.
struct PackageSource: Sendable, Equatable {
  let url: String
  let line: Int

  /// The enabled addresses of a `.repo` file.
  ///
  /// - SeeAlso: dnf.conf(5), yum.conf(5)
  static func repo(_ text: String) -> [PackageSource] {
    var result: [PackageSource] = []
    var section: [PackageSource] = []
    var isEnabled = true
    var isURL = false
    func finished() -> [PackageSource] { isEnabled ? section : [] }
    for line in numberedLines(text) {
      let content = line.text.trimmed
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if content.hasPrefix("[") {
        result += finished()
        (section, isEnabled, isURL) = ([], true, false)
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
        if name == "enabled" { isEnabled = !["0", "no", "false", "off"].contains(values.lowercased()) }
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
      if fields.first?.hasPrefix("[") == true {
        while let option = fields.first {
          fields.removeFirst()
          if option.hasSuffix("]") { break }
        }
      }
      return fields.isEmpty ? nil : PackageSource(url: fields.joined(separator: " "), line: line.number)
    }
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
    func finished() -> [PackageSource] {
      isEnabled ? uris.map { PackageSource(url: "\($0.url) \(suites)".trimmed, line: $0.line) } : []
    }
    for line in numberedLines(text) {
      let content = line.text.trimmed
      if content.hasPrefix("#") { continue }
      if content.isEmpty {
        result += finished()
        (uris, suites, isEnabled, field) = ([], "", true, "")
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
      case "enabled": isEnabled = !["no", "false", "without", "off", "disable"].contains(value.lowercased())
      default: break
      }
    }
    return result + finished()
  }
}
