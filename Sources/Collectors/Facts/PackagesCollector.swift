import Model

/// Where the node's packages come from.
///
/// - SeeAlso: dnf.conf(5), sources.list(5), https://kubernetes.io/blog/2023/08/31/legacy-package-repository-deprecation/
enum PackagesCollector: Collector {
  static let name = "packages"

  static let answers: [(key: String, summary: String)] = [
    ("repo.nux", "files with the repository li.nux.ro, which is gone: dnf.conf(5)"),
    ("repo.legacyKubernetes", "files with Kubernetes' repositories that are gone: sources.list(5), dnf.conf(5)"),
    ("repo.centosMirrors", "files with CentOS mirrors that are gone: dnf.conf(5)"),
    ("repo.archived", "files with releases of Debian and Ubuntu that left the mirrors: sources.list(5)"),
    ("repo.missingKeys", "key files that repositories name and the node does not have: sources.list(5), dnf.conf(5)"),
    ("repo.kubernetesMinor", "the Kubernetes version of the pkgs.k8s.io repository: pkgs.k8s.io"),
    ("os.endOfLife", "whether the distribution's release has no support any more: os-release(5)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let (found, error) = sources(of: source)
    addFiles("repo.nux", to: &collected, found, error) { $0.containsIgnoringCase("li.nux.ro") }
    addFiles("repo.legacyKubernetes", to: &collected, found, error) { url in
      ["apt.kubernetes.io", "yum.kubernetes.io", "packages.cloud.google.com/yum/repos/kubernetes"].contains {
        url.containsIgnoringCase($0)
      } || url.containsIgnoringCase("packages.cloud.google.com/apt") && url.containsIgnoringCase("kubernetes-")
    }
    addFiles("repo.centosMirrors", to: &collected, found, error) { url in
      ["://mirrorlist.centos.org", "://mirror.centos.org"].contains { url.containsIgnoringCase($0) }
    }
    addFiles("repo.archived", to: &collected, found, error) { PackageSource.isArchived($0) }
    addKeys(to: &collected, from: source, found, error)
    addMinor(to: &collected, found, error)
    addEndOfLife(to: &collected, known: known)
    return collected
  }

  /// All addresses that the package managers are told to use, with the first failure to read one of their files.
  private static func sources(of source: any Source) -> ([(path: String, source: PackageSource)], ReadError?) {
    var found: [(path: String, source: PackageSource)] = []
    var error: ReadError?
    for folder in ["/etc/yum.repos.d", "/etc/zypp/repos.d", "/etc/apt/sources.list.d"] {
      let listing = source.listing(folder)
      if let reason = listing.error { error = reason }
      for name in (listing.value ?? []).prefix(1000) {
        read("\(folder)/\(name)", from: source, into: &found, error: &error)
      }
    }
    read("/etc/apt/sources.list", from: source, into: &found, error: &error)
    return (found, error)
  }

  /// The version of the pkgs.k8s.io repository: what comes from there is of this minor release.
  static func kubernetesMinor(of source: any Source) -> (version: String, path: String, line: Int)? {
    for (path, entry) in sources(of: source).0 {
      guard let start = entry.url.firstRange(of: "/core:/stable:/v")?.upperBound else { continue }
      return (String(entry.url[start...].prefix { $0.isNumber || $0 == "." }), path, entry.line)
    }
    return nil
  }

  /// Keys in files: a repository whose key is not there cannot be verified.
  private static func addKeys(
    to collected: inout Collected, from source: any Source, _ found: [(path: String, source: PackageSource)],
    _ error: ReadError?
  ) {
    let key = "repo.missingKeys"
    var missing: [(file: String, path: String, line: Int)] = []
    var unknown = error
    for (path, entry) in found {
      for file in entry.keys {
        switch source.existing(file) {
        case .found: continue
        case .absent:
          // Copies of configuration often leave out the folders of keys.
          let folder = file.split(separator: "/").dropLast().map { "/\($0)" }.joined()
          if source.has(folder) { missing.append((file, path, entry.line)) } else { unknown = .notCaptured }
        case .unknown(let error): unknown = error
        }
      }
    }
    if let unknown, missing.isEmpty { return collected.leaveOpen(key, because: unknown) }
    let first = missing.first
    collected.add(key, list: missing.map(\.file).distinct, from: first?.path ?? "/etc", line: first?.line)
  }

  private static func read(
    _ path: String, from source: any Source, into found: inout [(path: String, source: PackageSource)],
    error: inout ReadError?
  ) {
    let parse: (String) -> [PackageSource]
    if path.hasSuffix(".repo") {
      parse = PackageSource.repo
    } else if path.hasSuffix(".list") {
      parse = PackageSource.oneLine
    } else if path.hasSuffix(".sources") {
      parse = PackageSource.deb822
    } else {
      return
    }
    let text = source.reading(path)
    if let reason = text.error { error = reason }
    found += parse(text.value ?? "").map { (path, $0) }
  }

  private static func addFiles(
    _ key: String, to collected: inout Collected, _ found: [(path: String, source: PackageSource)],
    _ error: ReadError?, where matches: (String) -> Bool
  ) {
    let hits = found.filter { matches($0.source.url) }
    if let error, hits.isEmpty { return collected.leaveOpen(key, because: error) }
    let first = hits.first
    collected.add(key, list: hits.map(\.path).distinct, from: first?.path ?? "/etc", line: first?.source.line)
  }

  private static func addMinor(
    to collected: inout Collected, _ found: [(path: String, source: PackageSource)], _ error: ReadError?
  ) {
    let key = "repo.kubernetesMinor"
    for (path, entry) in found where entry.url.contains("/core:/stable:/v") {
      guard let start = entry.url.firstRange(of: "/core:/stable:/v")?.upperBound else { continue }
      let minor = entry.url[start...].prefix { $0.isNumber || $0 == "." }
      return collected.add(key, .text(String(minor)), from: path, line: entry.line)
    }
    if let error { collected.leaveOpen(key, because: error) } else { collected.add(key, nil, from: "/etc") }
  }

  /// The last day of general support of each release. Paid extensions are left out.
  ///
  /// - SeeAlso: https://endoflife.date
  private static let lastDays: [String: (Int, Int, Int)] = [
    "centos 6": (2020, 11, 30), "centos 7": (2024, 6, 30), "centos 8": (2021, 12, 31), "rhel 7": (2024, 6, 30),
    "ol 7": (2024, 12, 31), "debian 8": (2020, 6, 30), "debian 9": (2022, 6, 30), "debian 10": (2024, 6, 30),
    "debian 11": (2026, 8, 31), "ubuntu 14.04": (2019, 4, 30), "ubuntu 16.04": (2021, 4, 30),
    "ubuntu 18.04": (2023, 5, 31), "ubuntu 20.04": (2025, 5, 31), "ubuntu 21.04": (2022, 1, 20),
    "ubuntu 21.10": (2022, 7, 14), "ubuntu 22.10": (2023, 7, 20), "ubuntu 23.04": (2024, 1, 25),
    "ubuntu 23.10": (2024, 7, 11), "ubuntu 24.10": (2025, 7, 10), "ubuntu 25.04": (2026, 1, 15),
    "amzn 1": (2023, 12, 31), "amzn 2": (2026, 6, 30), "ubuntu 22.04": (2027, 4, 30), "ubuntu 24.04": (2029, 4, 30),
    "debian 12": (2028, 6, 30), "debian 13": (2030, 6, 30), "rhel 8": (2029, 5, 31), "rhel 9": (2032, 5, 31),
    "rocky 8": (2029, 5, 31), "rocky 9": (2032, 5, 31), "almalinux 8": (2029, 3, 1), "almalinux 9": (2032, 5, 31),
    "ol 8": (2029, 7, 31), "ol 9": (2032, 6, 30), "amzn 2023": (2029, 6, 30),
  ]

  private static func addEndOfLife(to collected: inout Collected, known: KnownFacts) {
    let key = "os.endOfLife"
    let (id, version) = (known.filled("os.id"), known.filled("os.versionId"))
    guard let id, let version, let now = known.number("node.time")
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let major = version.prefix { $0 != "." }
    // CentOS Stream keeps the id of CentOS; its name tells them apart.
    let isStream = known.filled("os.name")?.contains("Stream") == true
    guard !isStream, let last = lastDays["\(id) \(version)"] ?? lastDays["\(id) \(major)"] else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let end = Calendar.days(year: last.0, month: last.1, day: last.2) + 1
    collected.add(key, bool: now >= Double(end) * 86_400, from: known["os.versionId"]?.source ?? "/etc/os-release")
  }
}
