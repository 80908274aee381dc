import Model
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

  /// The PEM texts of embedded authorities.
  var authorities: [String?] { clusters.compactMap { $0["certificate-authority-data"]?.text }.map(Self.decoded) }

  private static func decoded(_ text: String) -> String? {
    Certificate.base64(text).map { String(decoding: $0, as: UTF8.self) }
  }
}
