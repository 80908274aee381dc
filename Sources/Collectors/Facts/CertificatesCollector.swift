import Model

/// The node's certificates. Of a private key only the digest of its public half is made.
///
/// - SeeAlso: RFC 5280, https://kubernetes.io/docs/setup/best-practices/certificates/
enum CertificatesCollector: Collector {
  static let name = "certificates"

  static let answers: [(key: String, summary: String)] = [
    ("cert.expired", "the files with a certificate that has expired: RFC 5280 section 4.1.2.5"),
    ("cert.notYetValid", "the files with a certificate that is not valid yet: RFC 5280 section 4.1.2.5"),
    ("cert.expiringSoon", "the files with a certificate that expires within 30 days: RFC 5280 section 4.1.2.5"),
    ("cert.unreadable", "certificate files that are empty or damaged: RFC 7468"),
    ("cert.missing", "certificate files that a kubeconfig names and the node does not have: kubeconfig v1"),
    ("cert.sanMissing", "addresses of the API server that its certificate does not name: RFC 5280 section 4.2.1.6"),
    ("cert.keyMismatch", "files whose certificate does not fit its private key: RFC 5280 section 4.1.2.7"),
    (
      "cert.foreignIssuer",
      "files whose certificate was issued by another authority than the one beside it: RFC 5280 section 4.2.1.1"
    ),
    ("kubeconfig.caMismatch", "kubeconfigs whose authority is not that of /etc/kubernetes/pki/ca.crt: kubeconfig v1"),
  ]

  /// What was found out so far.
  struct Findings {
    var certificates: [(path: String, all: [Certificate])] = []
    var unreadable: [String] = []
    var missing: [String] = []
    var mismatches: [String] = []
    var comparisons = 0
    var pairs = KeyPairs()
    var error: ReadError?
  }

  private static let folders = [
    "/etc/kubernetes/pki", "/etc/kubernetes/pki/etcd", "/etc/kubernetes/ssl", "/var/lib/rancher/k3s/agent",
    "/var/lib/rancher/k3s/server/tls", "/var/lib/rancher/k3s/server/tls/etcd", "/var/lib/rancher/rke2/agent",
    "/var/lib/rancher/rke2/server/tls", "/var/lib/rancher/rke2/server/tls/etcd", "/var/lib/k0s/pki",
    "/var/snap/microk8s/current/certs",
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    var findings = Findings()
    for path in files(of: source, error: &findings.error) { read(path, from: source, into: &findings) }
    for name in ["kubelet", "admin", "super-admin", "controller-manager", "scheduler"] {
      readKubeconfig("/etc/kubernetes/\(name).conf", from: source, into: &findings)
    }
    addValidity(to: &collected, findings, known: known)
    add("cert.unreadable", findings.unreadable, to: &collected, findings.error)
    add("cert.missing", findings.missing, to: &collected, findings.error)
    findings.pairs.compareFiles(findings.certificates, from: source)
    findings.pairs.answer("cert.keyMismatch", in: &collected)
    if let foreign = KeyIdentifiers.foreign(in: findings.certificates) {
      collected.add("cert.foreignIssuer", list: foreign.distinct, from: foreign.first ?? "/etc/kubernetes/pki")
    } else {
      collected.leaveOpen("cert.foreignIssuer", because: findings.error ?? .notCaptured)
    }
    if findings.comparisons == 0 {
      let error = findings.error ?? .notCaptured
      collected.leaveOpen("kubeconfig.caMismatch", because: error)
    } else {
      add("kubeconfig.caMismatch", findings.mismatches, to: &collected, nil)
    }
    addNames(to: &collected, from: source, findings, known: known)
    return collected
  }

  /// The certificate files of the node, in a fixed order.
  private static func files(of source: any Source, error: inout ReadError?) -> [String] {
    var paths: [String] = []
    for folder in folders {
      let listing = source.listing(folder)
      if let reason = listing.error { error = reason }
      paths += (listing.value ?? []).filter { $0.hasSuffix(".crt") }.prefix(200).map { "\(folder)/\($0)" }
    }
    let own = "/var/lib/kubelet/pki"
    let listing = source.listing(own)
    if let reason = listing.error { error = reason }
    let names = ["kubelet-client-current.pem", "kubelet-server-current.pem", "kubelet.crt"]
    paths += names.filter { listing.value?.contains($0) == true }.map { "\(own)/\($0)" }
    return paths
  }

  private static func read(_ path: String, from source: any Source, into findings: inout Findings) {
    if findings.certificates.contains(where: { $0.path == path }) || findings.unreadable.contains(path) { return }
    switch source.reading(path) {
    case .absent:
      // Captures leave out folders of keys: only a folder that is there can lack a file.
      let folder = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
      switch source.listing(folder) {
      case .found: findings.missing.append(path)
      case .absent: findings.error = .notCaptured
      case .unknown(let error): findings.error = error
      }
    case .unknown(let error): findings.error = error
    case .found(let text): take(text, of: path, into: &findings)
    }
  }

  private static func take(_ text: String?, of path: String, into findings: inout Findings) {
    if let text, let all = Certificate.all(pem: text), !all.isEmpty {
      findings.certificates.append((path, all))
    } else {
      findings.unreadable.append(path)
    }
  }

  private static func readKubeconfig(_ path: String, from source: any Source, into findings: inout Findings) {
    let text = source.reading(path)
    if let error = text.error { findings.error = error }
    guard let text = text.value, let config = Kubeconfig(path: path, text: text) else { return }
    for embedded in config.clientCertificates { take(embedded, of: path, into: &findings) }
    for file in config.clientCertificateFiles where file.hasPrefix("/") && !findings.missing.contains(file) {
      read(file, from: source, into: &findings)
    }
    findings.pairs.compare(config, at: path, from: source)
    let authorities = config.authorities.compactMap(\.self).compactMap(Certificate.all(pem:)).flatMap(\.self)
    let trusted = findings.certificates.first { $0.path == "/etc/kubernetes/pki/ca.crt" }?.all ?? []
    guard !authorities.isEmpty, !trusted.isEmpty else { return }
    findings.comparisons += 1
    if !authorities.contains(where: { mine in trusted.contains { $0.der == mine.der } }) {
      findings.mismatches.append(path)
    }
  }

  private static func add(
    _ key: String, _ paths: [String], to collected: inout Collected, _ error: ReadError?
  ) {
    if let error, paths.isEmpty { return collected.leaveOpen(key, because: error) }
    collected.add(key, list: paths.distinct, from: paths.first ?? "/etc/kubernetes/pki")
  }

  private static func addValidity(to collected: inout Collected, _ findings: Findings, known: KnownFacts) {
    guard let now = known.number("node.time") else {
      let keys = ["cert.expired", "cert.notYetValid", "cert.expiringSoon"]
      return collected.leaveOpen(keys, because: .notCaptured)
    }
    let soon = now + 30 * 86_400
    // A bundle of authorities may keep old ones beside the one that is in use; a chain begins with its own end.
    func paths(where test: (Certificate) -> Bool) -> [String] {
      // The kubelet made kubelet.crt for itself, and nobody checks it unless told to.
      findings.certificates.filter { entry in
        entry.path != "/var/lib/kubelet/pki/kubelet.crt"
      }.filter { entry in
        entry.path.baseName.contains("ca.") ? entry.all.allSatisfy(test) : entry.all.first.map(test) == true
      }.map(\.path)
    }
    add("cert.expired", paths { $0.notAfter < now }, to: &collected, findings.error)
    // The last log entry may be older than a certificate: only a clock tells what is not valid yet.
    if let clock = known["node.time"]?.source, clock.contains("/log/") {
      collected.leaveOpen("cert.notYetValid", because: .notCaptured)
    } else {
      add("cert.notYetValid", paths { $0.notBefore > now }, to: &collected, findings.error)
    }
    add(
      "cert.expiringSoon", paths { $0.notAfter >= now && $0.notAfter < soon }, to: &collected, findings.error)
  }

  /// The API server's certificate must name the address that the server advertises.
  private static func addNames(
    to collected: inout Collected, from source: any Source, _ findings: Findings, known: KnownFacts
  ) {
    let key = "cert.sanMissing"
    let path = "/etc/kubernetes/pki/apiserver.crt"
    let certificate = findings.certificates.first { $0.path == path }?.all.first
    guard let certificate else {
      if let error = findings.error { return collected.leaveOpen(key, because: error) }
      return collected.add(key, list: [], from: path)
    }
    guard known["apiserver.advertiseAddress"] != nil else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    let advertised = known.filled("apiserver.advertiseAddress").flatMap { IPAddress($0)?.description }
    let endpoint = known.filled("apiserver.endpoint").map { hostPart(of: $0) }
    let wanted = [advertised, endpoint.map { IPAddress($0)?.description ?? $0.lowercased() }].compactMap(\.self)
    collected.add(key, list: wanted.distinct.filter { !certificate.names.contains($0) }, from: path)
  }
}
