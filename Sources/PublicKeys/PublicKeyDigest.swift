import CNettle

/// SHA-256 of a public key in its SubjectPublicKeyInfo form: tells whether a key and a certificate belong together,
/// and nothing else.
///
/// - SeeAlso: RFC 5280 section 4.1.2.7, RFC 7469 section 2.4
public struct PublicKeyDigest: Sendable, Hashable {
  /// 64 hexadecimal digits, lower case.
  public let hex: String

  /// The digest of the key that an X.509 certificate is for; nil where `bytes` are none.
  public init?(certificate bytes: [UInt8]) {
    var outer = DERReader(bytes[...])
    guard let whole = outer.next(0x30) else { return nil }
    var certificate = DERReader(whole)
    guard let signed = certificate.next(0x30) else { return nil }
    var fields = DERReader(signed)
    if fields.tag == 0xa0 { _ = fields.next(0xa0) }
    guard fields.next(0x02) != nil else { return nil }
    for _ in 0..<4 { if fields.next(0x30) == nil { return nil } }
    guard let info = fields.nextWhole(0x30) else { return nil }
    self.init(subjectPublicKeyInfo: info)
  }

  /// The digest of the public half of a private key: RSA (PKCS#1, PKCS#8), or a curve's key that holds its public half
  /// (SEC 1, PKCS#8, RFC 5958). Nil for any other, and for an encrypted one.
  public init?(privateKey bytes: [UInt8]) {
    var outer = DERReader(bytes[...])
    guard let whole = outer.next(0x30) else { return nil }
    let info = Self.rsa(whole) ?? Self.curve(whole, algorithm: nil) ?? Self.pkcs8(whole)
    guard let info else { return nil }
    self.init(subjectPublicKeyInfo: info[...])
  }

  /// The digest of the first private key in a PEM text, whether it is whole or was replaced by its digest.
  public init?(pem text: String) {
    if let hex = Self.marked(in: text) {
      self.init(hex: hex)
      return
    }
    for block in text.components(between: "-----BEGIN ", and: "-----END ") {
      guard let end = block.firstRange(of: "-----"), block[..<end.lowerBound].hasSuffix("PRIVATE KEY") else { continue }
      guard let bytes = Base64.bytes(block[end.upperBound...].utf8) else { return nil }
      self.init(privateKey: bytes)
      return
    }
    return nil
  }

  private init(hex: String) { self.hex = hex }

  private init(subjectPublicKeyInfo bytes: ArraySlice<UInt8>) {
    self.init(hex: Self.sha256(Array(bytes)))
  }

  /// What stands in the place of a key's private half: `public-half-sha256-` and the digest.
  public var marker: String { "\(Self.word)\(hex)" }

  private static let word = "public-half-sha256-"

  private static func marked(in text: String) -> String? {
    guard let found = text.firstRange(of: word) else { return nil }
    let digits = text[found.upperBound...].prefix(64)
    let isHex = digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    return digits.utf8.count == 64 && isHex ? String(digits) : nil
  }

  /// SHA-256 in hexadecimal.
  public static func sha256(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest(bytes) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// SHA-256: 32 bytes.
  public static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var context = sha256_ctx()
    var result = [UInt8](repeating: 0, count: 32)
    nettle_sha256_init(&context)
    nettle_sha256_update(&context, bytes.count, bytes)
    nettle_sha256_digest(&context, result.count, &result)
    return result
  }
}

// MARK: - Private keys

extension PublicKeyDigest {
  private static let rsaAlgorithm: [UInt8] = der(
    0x30, [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00])
  private static let curveIdentifier: [UInt8] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]

  /// RSAPrivateKey (RFC 8017 appendix A.1.2): version, modulus, public exponent and seven more numbers.
  private static func rsa(_ content: ArraySlice<UInt8>) -> [UInt8]? {
    var fields = DERReader(content)
    guard fields.next(0x02) != nil, let modulus = fields.nextWhole(0x02), let exponent = fields.nextWhole(0x02),
      fields.tag == 0x02
    else { return nil }
    let key = der(0x30, Array(modulus) + Array(exponent))
    return der(0x30, rsaAlgorithm + der(0x03, [0] + key))
  }

  /// ECPrivateKey (RFC 5915 section 3); the curve is in it or in `algorithm`.
  private static func curve(_ content: ArraySlice<UInt8>, algorithm: ArraySlice<UInt8>?) -> [UInt8]? {
    var fields = DERReader(content)
    guard fields.next(0x02).map(Array.init) == [1], fields.next(0x04) != nil else { return nil }
    let parameters = fields.tag == 0xa0 ? fields.next(0xa0) : nil
    guard let wrapped = fields.next(0xa1) else { return nil }
    var wrapper = DERReader(wrapped)
    guard let point = wrapper.nextWhole(0x03) else { return nil }
    if let algorithm { return der(0x30, Array(algorithm) + Array(point)) }
    guard let parameters else { return nil }
    return der(0x30, der(0x30, curveIdentifier + Array(parameters)) + Array(point))
  }

  /// PrivateKeyInfo (RFC 5208) and OneAsymmetricKey (RFC 5958).
  private static func pkcs8(_ content: ArraySlice<UInt8>) -> [UInt8]? {
    var fields = DERReader(content)
    guard fields.next(0x02) != nil, let algorithm = fields.nextWhole(0x30), let inner = fields.next(0x04) else {
      return nil
    }
    var outer = DERReader(inner)
    if let key = outer.next(0x30) { return rsa(key) ?? curve(key, algorithm: algorithm) }
    if fields.tag == 0xa0 { _ = fields.next(0xa0) }
    guard let bits = fields.next(0x81) else { return nil }
    return der(0x30, Array(algorithm) + der(0x03, bits))
  }
}

extension String {
  /// The texts that stand between `begin` and the `end` that follows it.
  fileprivate func components(between begin: String, and end: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = self[...]
    while parts.count < 64, let opening = rest.firstRange(of: begin) {
      rest = rest[opening.upperBound...]
      guard let closing = rest.firstRange(of: end) else { break }
      parts.append(rest[..<closing.lowerBound])
      rest = rest[closing.upperBound...]
    }
    return parts
  }
}
