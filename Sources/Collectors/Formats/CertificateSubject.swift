import PublicKeys

/// The names in the subject of a certificate.
///
/// - SeeAlso: RFC 5280 section 4.1.2.6
enum CertificateSubject {
  /// The common names of the subject of the certificate `der`; none where it is malformed.
  static func names(der: [UInt8]) -> [String] {
    var outer = DERReader(der[...])
    guard let whole = outer.next(0x30) else { return [] }
    var certificate = DERReader(whole)
    guard let signed = certificate.next(0x30) else { return [] }
    var fields = DERReader(signed)
    if fields.tag == 0xa0 { _ = fields.next(0xa0) }
    // Serial number, algorithm, issuer and validity come before the subject.
    guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
      let subject = fields.next(0x30)
    else { return [] }
    var sets = DERReader(subject)
    var names: [String] = []
    while let set = sets.next(0x31) {
      var items = DERReader(set)
      while let item = items.next(0x30) {
        var parts = DERReader(item)
        // 2.5.4.3 is the common name.
        guard let id = parts.next(0x06), Array(id) == [0x55, 0x04, 0x03], let tag = parts.tag,
          let text = parts.next(tag)
        else { continue }
        names.append(String(decoding: text, as: UTF8.self))
      }
    }
    return names
  }
}
