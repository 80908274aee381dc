import Model
import PublicKeys

/// Compares certificates with their private keys by the digests of the public halves.
struct KeyPairs {
  private var mismatches: [String] = []
  private var compared = 0
  /// Why the last pair that could not be compared could not.
  private var obstacle: ReadError?

  /// Compares each certificate file with the key beside it: `x.crt` with `x.key`, or both in one `.pem` file.
  mutating func compareFiles(_ certificates: [(path: String, all: [Certificate])], from source: any Source) {
    for (path, all) in certificates {
      let isPair = path.hasSuffix(".crt")
      guard isPair || path.hasSuffix(".pem"), let certificate = all.first else { continue }
      let keyPath = isPair ? "\(path.dropLast(4)).key" : path
      compare(certificate, of: path, with: key(at: keyPath, from: source))
    }
  }

  /// Compares what a kubeconfig embeds or names.
  mutating func compare(_ config: Kubeconfig, at path: String, from source: any Source) {
    for pair in config.pairs {
      // A file that holds both is compared by itself.
      if pair.certificate == pair.key { continue }
      let certificate: Reading<String> =
        switch pair.certificate {
        case .embedded(let text): .found(text)
        case .file(let file): source.reading(file)
        }
      let key: Reading<String> =
        switch pair.key {
        case .embedded(let text): .found(text)
        case .file(let file): self.key(at: file, from: source)
        }
      // That a certificate is missing or damaged is another fact.
      guard let text = certificate.value, let first = Certificate.all(pem: text)?.first else { continue }
      compare(first, of: path, with: key)
    }
  }

  private func key(at path: String, from source: any Source) -> Reading<String> { source.reading(path) }

  private mutating func compare(_ certificate: Certificate, of path: String, with key: Reading<String>) {
    switch key {
    case .absent: break  // An authority's key may be kept elsewhere, and an old kubeconfig may name what is gone.
    case .unknown(let error): obstacle = error
    case .found(let text):
      guard let mine = PublicKeyDigest(certificate: certificate.der), let its = PublicKeyDigest(pem: text) else {
        // Encrypted, or of a kind that does not tell its public half.
        obstacle = .notCaptured
        return
      }
      compared += 1
      if mine != its { mismatches.append(path) }
    }
  }

  /// Answers `key`, unless no mismatch was seen and a pair stayed open.
  func answer(_ key: String, in collected: inout Collected) {
    if mismatches.isEmpty, compared == 0 || obstacle != nil {
      return collected.leaveOpen(key, because: obstacle ?? .notCaptured)
    }
    let paths = mismatches.distinct
    collected.add(key, list: paths, from: paths.first ?? "/etc/kubernetes/pki")
  }
}
