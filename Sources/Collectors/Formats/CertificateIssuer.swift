import Model
import PublicKeys

/// The key identifiers of certificates, which tell whether one was issued by another: two authorities of kubeadm have
/// the same name, but never the same key.
///
/// - SeeAlso: RFC 5280 sections 4.2.1.1 and 4.2.1.2
struct KeyIdentifiers: Equatable {
  private(set) var own: [UInt8]?
  private(set) var issuer: [UInt8]?

  /// Reads the identifiers of the certificate `der`; both nil where it has none.
  init(der: [UInt8]) {
    var outer = DERReader(der[...])
    guard let whole = outer.next(0x30) else { return }
    var certificate = DERReader(whole)
    guard let signed = certificate.next(0x30) else { return }
    var fields = DERReader(signed)
    while let tag = fields.tag, tag != 0xa3 { if fields.next(tag) == nil { return } }
    guard let explicit = fields.next(0xa3) else { return }
    var wrapper = DERReader(explicit)
    guard let list = wrapper.next(0x30) else { return }
    var extensions = DERReader(list)
    while let item = extensions.next(0x30) {
      var parts = DERReader(item)
      guard let id = parts.next(0x06) else { continue }
      if parts.tag == 0x01 { _ = parts.next(0x01) }
      guard let value = parts.next(0x04) else { continue }
      var content = DERReader(value)
      if Array(id) == [0x55, 0x1d, 0x0e] { own = content.next(0x04).map(Array.init) }
      if Array(id) == [0x55, 0x1d, 0x23], let body = content.next(0x30) {
        var names = DERReader(body)
        issuer = names.next(0x80).map(Array.init)
      }
    }
  }

  /// The file of the authority that issues the certificates of `path` on a kubeadm node.
  private static func authority(of path: String) -> String? {
    let folder = "/etc/kubernetes/pki"
    switch path {
    case "\(folder)/apiserver.crt", "\(folder)/apiserver-kubelet-client.crt", "/etc/kubernetes/admin.conf",
      "/etc/kubernetes/super-admin.conf", "/etc/kubernetes/controller-manager.conf", "/etc/kubernetes/scheduler.conf",
      "/var/lib/kubelet/pki/kubelet-client-current.pem", "/etc/kubernetes/kubelet.conf":
      return "\(folder)/ca.crt"
    case "\(folder)/apiserver-etcd-client.crt", "\(folder)/etcd/server.crt", "\(folder)/etcd/peer.crt",
      "\(folder)/etcd/healthcheck-client.crt":
      return "\(folder)/etcd/ca.crt"
    case "\(folder)/front-proxy-client.crt": return "\(folder)/front-proxy-ca.crt"
    default: return nil
    }
  }

  /// The files whose certificate names another issuer than the authority beside it; nil where none could be compared.
  static func foreign(in certificates: [(path: String, all: [Certificate])]) -> [String]? {
    var isCompared = false
    let found = certificates.filter { path, all in
      guard let authority = authority(of: path),
        let trusted = certificates.first(where: { $0.path == authority })?.all
      else { return false }
      let keys = trusted.map { KeyIdentifiers(der: $0.der).own }
      // A chain may lead to the authority over others.
      let issuers = all.compactMap { KeyIdentifiers(der: $0.der).issuer }
      guard !issuers.isEmpty, !keys.isEmpty, !keys.contains(nil) else { return false }
      isCompared = true
      return !issuers.contains { keys.contains($0) }
    }
    return isCompared ? found.map(\.path) : nil
  }
}
