import Model
import PublicKeys

/// What kdoctor needs of an X.509 certificate.
///
/// - SeeAlso: RFC 5280 section 4.1
struct Certificate: Sendable, Equatable {
  /// Seconds since 1970-01-01 UTC.
  let notBefore: Double
  let notAfter: Double
  /// The DNS names and addresses that it is for.
  let names: [String]
  /// The whole certificate, for comparison.
  let der: [UInt8]

  /// Reads a certificate; nil where `der` is none.
  init?(der: [UInt8]) {
    var outer = DERReader(der[...])
    guard let whole = outer.next(0x30) else { return nil }
    var certificate = DERReader(whole)
    guard let signed = certificate.next(0x30) else { return nil }
    var fields = DERReader(signed)
    if fields.tag == 0xa0 { _ = fields.next(0xa0) }
    guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
      let validity = fields.next(0x30)
    else { return nil }
    var times = DERReader(validity)
    guard let notBefore = times.time(), let notAfter = times.time() else { return nil }
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.der = der
    names = Self.names(after: &fields)
  }

  /// The subject alternative names (RFC 5280 section 4.2.1.6) among the fields that follow the validity.
  private static func names(after fields: inout DERReader) -> [String] {
    while let tag = fields.tag, tag != 0xa3 { if fields.next(tag) == nil { return [] } }
    guard let explicit = fields.next(0xa3) else { return [] }
    var wrapper = DERReader(explicit)
    guard let list = wrapper.next(0x30) else { return [] }
    var extensions = DERReader(list)
    while let item = extensions.next(0x30) {
      var parts = DERReader(item)
      guard let id = parts.next(0x06), Array(id) == [0x55, 0x1d, 0x11] else { continue }
      if parts.tag == 0x01 { _ = parts.next(0x01) }
      guard let value = parts.next(0x04) else { return [] }
      var content = DERReader(value)
      guard let general = content.next(0x30) else { return [] }
      var entries = DERReader(general)
      var names: [String] = []
      while let tag = entries.tag, let body = entries.next(tag) {
        if tag == 0x82 { names.append(String(decoding: body, as: UTF8.self)) }
        if tag == 0x87, let address = IPAddress(bytes: Array(body)) { names.append(address.description) }
      }
      return names
    }
    return []
  }

  /// The certificates of a PEM text (RFC 7468). Other blocks, private keys above all, are passed over undecoded.
  ///
  /// - Returns: nil where a certificate block is malformed.
  static func all(pem text: String) -> [Certificate]? {
    var certificates: [Certificate] = []
    var body: String?
    for line in numberedLines(text) {
      let content = line.text.trimmed
      if content == "-----BEGIN CERTIFICATE-----" {
        body = ""
      } else if content == "-----END CERTIFICATE-----" {
        guard let encoded = body, let der = Base64.bytes(encoded.utf8), let certificate = Certificate(der: der) else {
          return nil
        }
        certificates.append(certificate)
        body = nil
      } else if body != nil {
        body?.append(content)
      }
    }
    return body == nil ? certificates : nil
  }
}

extension DERReader {
  /// The next value as a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5).
  mutating func time() -> Double? {
    guard let tag, tag == 0x17 || tag == 0x18, let body = next(tag) else { return nil }
    var digits = body.compactMap { (48...57).contains($0) ? Int($0) - 48 : nil }
    guard body.last == UInt8(ascii: "Z"), digits.count == body.count - 1 else { return nil }
    if tag == 0x17, digits.count == 12 { digits = (digits[0] >= 5 ? [1, 9] : [2, 0]) + digits }
    guard digits.count == 14 else { return nil }
    func two(_ index: Int) -> Int { digits[index] * 10 + digits[index + 1] }
    let (month, day) = (two(4), two(6))
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    let days = Calendar.days(year: two(0) * 100 + two(2), month: month, day: day)
    return Double(days * 86_400 + two(8) * 3600 + two(10) * 60 + two(12))
  }
}
