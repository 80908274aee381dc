import Model
import PublicKeys
import YAMLTree

/// A file of clusters and users.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
struct Kubeconfig: Sendable {
  let path: String
  let root: YAMLNode

  /// Nil where `text` is not one.
  init?(path: String, text: String) {
    guard let root = try? YAMLNode.parse(Array(text.utf8)), !root.pairs.isEmpty else { return nil }
    self.path = path
    self.root = root
  }

  private var clusters: [YAMLNode] { (root["clusters"]?.items ?? []).compactMap { $0["cluster"] } }
  private var users: [YAMLNode] { (root["users"]?.items ?? []).compactMap { $0["user"] } }

  /// The servers' addresses with their lines.
  var servers: [(url: String, line: Int)] {
    clusters.compactMap { cluster in
      guard let server = cluster["server"], let url = server.text else { return nil }
      return (url, server.line)
    }
  }

  /// The files of client certificates that it names.
  var clientCertificateFiles: [String] { users.compactMap { $0["client-certificate"]?.text } }

  /// The PEM texts of embedded client certificates; nil for one that is not base64.
  var clientCertificates: [String?] { users.compactMap { $0["client-certificate-data"]?.text }.map(Self.decoded) }

  /// The pairs of certificate and key of each user: what is embedded, else the file.
  var pairs: [(certificate: KeyPart, key: KeyPart)] {
    users.compactMap { user in
      guard let certificate = Self.part(of: user, "client-certificate"), let key = Self.part(of: user, "client-key")
      else { return nil }
      return (certificate, key)
    }
  }

  /// Where one half of a pair is.
  enum KeyPart: Equatable {
    case embedded(String)
    case file(String)
  }

  private static func part(of user: YAMLNode, _ name: String) -> KeyPart? {
    if let data = user["\(name)-data"]?.text {
      // A redacted bundle holds the key's digest in the place of base64.
      return .embedded(decoded(data) ?? data)
    }
    return user[name]?.text.map { .file($0) }
  }

  /// The PEM texts of embedded authorities.
  var authorities: [String?] { clusters.compactMap { $0["certificate-authority-data"]?.text }.map(Self.decoded) }

  private static func decoded(_ text: String) -> String? {
    Base64.bytes(text.utf8).map { String(decoding: $0, as: UTF8.self) }
  }
}
