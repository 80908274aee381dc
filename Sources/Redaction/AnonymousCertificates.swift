import PublicKeys

/// Names and addresses within certificates (RFC 5280), which base64 hides from a reader of text and from no one else.
///
/// What certificates are compared by stays: keys, key identifiers, times. Their signatures do not hold any more.
extension Anonymizer {
  private static let begin: StaticString = "-----BEGIN CERTIFICATE-----"
  private static let end: StaticString = "-----END CERTIFICATE-----"
  /// `-----BEGIN C` in base64, as kubeconfig files hold certificates.
  private static let encodedBegin: StaticString = "LS0tLS1CRUdJTi"

  /// `bytes` with stand-ins in its certificates; nil where it has none.
  func anonymizedCertificates(_ bytes: [UInt8]) -> [UInt8]? {
    bytes.withUnsafeBytes { buffer in
      let text = Text(buffer)
      var result: [UInt8] = []
      var position = 0
      while let place = nextCertificate(in: text, from: position) {
        result += text[position..<place.range.lowerBound] + place.replacement
        position = place.range.upperBound
      }
      return position == 0 ? nil : result + text[position..<text.count]
    }
  }

  /// Learns the nodes that certificates of kubelets name.
  func learnCertificates(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      let text = Text(buffer)
      var position = 0
      while let body = nextBody(in: text, from: position) {
        position = body.upperBound
        if let der = Base64.bytes(text[body].filter { !$0.isSpace }) { learnNodes(der) }
      }
      position = 0
      while let start = text.find(Self.encodedBegin, from: position, to: text.count) {
        position = text.run(from: start, to: text.count, while: \.isBase64)
        if position - start < 1 << 16, let inner = Base64.bytes(text[start..<position]) { learnCertificates(inner) }
      }
    }
  }

  private func learnNodes(_ der: [UInt8]) {
    der.withUnsafeBytes { buffer in
      let text = Text(buffer)
      var position = 0
      while let start = text.find("system:node:", from: position, to: text.count) {
        position = text.run(from: start + 12, to: min(text.count, start + 265), while: \.isKey)
        // The length before the name tells where it ends.
        let count = Int(text[start - 1])
        if count > 12, count < 128, start + count <= position { position = start + count }
        add(host: text.string(start + 12..<position))
      }
    }
  }

  private func nextBody(in text: Text, from position: Int) -> Range<Int>? {
    guard let begin = text.find(Self.begin, from: position, to: text.count) else { return nil }
    let body = begin + Self.begin.utf8CodeUnitCount
    guard let end = text.find(Self.end, from: body, to: min(text.count, body + (1 << 16))) else { return nil }
    return body..<end
  }

  private func nextCertificate(in text: Text, from start: Int) -> (range: Range<Int>, replacement: [UInt8])? {
    var position = start
    while position < text.count {
      let plain = nextBody(in: text, from: position)
      let encoded = text.find(Self.encodedBegin, from: position, to: plain?.lowerBound ?? text.count)
      if let encoded {
        position = text.run(from: encoded, to: text.count, while: \.isBase64)
        guard position - encoded < 1 << 16, let inner = Base64.bytes(text[encoded..<position]),
          let rewritten = anonymizedCertificates(inner)
        else { continue }
        return (encoded..<position, Base64.text(rewritten))
      }
      guard let plain else { return nil }
      position = plain.upperBound
      if let replacement = rewritten(body: text[plain]) { return (plain, replacement) }
    }
    return nil
  }

  /// The lines of a certificate, indented as they were.
  private func rewritten(body: ArraySlice<UInt8>) -> [UInt8]? {
    guard let bytes = Base64.bytes(body.filter { !$0.isSpace }), let der = rewritten(der: bytes[...], depth: 0) else {
      return nil
    }
    let lead = body.prefix { $0.isSpace }
    let first = lead.lastIndex(of: 10).map { lead[($0 + 1)...] } ?? []
    let tail = body.reversed().prefix { $0 != 10 && $0.isSpace }.reversed()
    let encoded = Base64.text(der)
    var result = Array(lead)
    for start in stride(from: 0, to: encoded.count, by: 64) {
      if start > 0 { result += first }
      result += encoded[start..<min(encoded.count, start + 64)] + [10]
    }
    return result + tail
  }

  /// The values of a DER text; nil where it is none.
  private func rewritten(der bytes: ArraySlice<UInt8>, depth: Int) -> [UInt8]? {
    guard depth < 16, !bytes.isEmpty else { return nil }
    var reader = DERReader(bytes)
    var result: [UInt8] = []
    while let tag = reader.tag {
      guard let content = reader.next(tag) else { return nil }
      result += der(tag, value(of: tag, content, depth))
    }
    return result
  }

  private func value(of tag: UInt8, _ content: ArraySlice<UInt8>, _ depth: Int) -> [UInt8] {
    switch tag {
    // Strings of names, and mail addresses, hosts and URIs of alternative names.
    case 0x0c, 0x13, 0x14, 0x16, 0x81, 0x82, 0x86:
      return content.allSatisfy { $0 >= 32 && $0 != 127 } ? replaced(Array(content)) : Array(content)
    case 0x87: return address(content)
    case 0x04 where content.first == 0x30: return rewritten(der: content, depth: depth + 1) ?? Array(content)
    case _ where tag & 0x20 != 0: return rewritten(der: content, depth: depth + 1) ?? Array(content)
    default: return Array(content)
    }
  }

  private func replaced(_ text: [UInt8]) -> [UInt8] {
    text.withUnsafeBytes { buffer in
      var writer = AnonymousText(self, Text(buffer))
      return writer.run()
    }
  }

  private func address(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    switch bytes.count {
    case 4: AddressText.v4(replaced(Array(AddressText.text(v4: Array(bytes)).utf8))[...]) ?? Array(bytes)
    case 16: AddressText.v6(replaced(Array(AddressText.text(v6: Array(bytes)).utf8))[...]) ?? Array(bytes)
    default: Array(bytes)
    }
  }
}
