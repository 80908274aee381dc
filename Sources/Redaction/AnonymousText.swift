import PublicKeys

/// Rewrites one text word by word.
struct AnonymousText {
  private let owner: Anonymizer
  private let text: Text
  private let restores: Bool
  private var result: [UInt8] = []

  init(_ owner: Anonymizer, _ text: Text, restores: Bool = false) {
    self.owner = owner
    self.text = text
    self.restores = restores
  }

  /// Whether it belongs to a word that can be a name or an address.
  private static func isPart(_ byte: UInt8) -> Bool { byte.isKey || byte == 58 || byte > 127 }

  mutating func run() -> [UInt8] {
    result.reserveCapacity(text.count + text.count / 8)
    var position = 0
    while position < text.count {
      let byte = text[position]
      guard Self.isPart(byte) else {
        result.append(byte)
        position += 1
        continue
      }
      let end = text.run(from: position, to: text.count, while: Self.isPart)
      word(position..<end)
      position = end
      if skipsLength(&position) { continue }
    }
    return result
  }

  /// The length of a prefix was written with its address.
  private mutating func skipsLength(_ position: inout Int) -> Bool {
    guard consumed > 0 else { return false }
    position += consumed
    consumed = 0
    return true
  }
  /// Bytes behind the word that were written with it.
  private var consumed = 0

  private mutating func word(_ range: Range<Int>) {
    guard range.count <= 400 else { return result.append(contentsOf: text[range]) }
    let isPlain = !text[range].contains { $0 == 46 || $0 == 58 }
    if isPlain, !restores, range.count != 17, !text.hasIgnoringCase("ip-", at: range.lowerBound) {
      return inside(range)
    }
    if takeAddress(range) { return }
    // `10.0.0.1:6443`, `host:port`, `label:fd00::1`.
    let parts = text[range].split(separator: 58, omittingEmptySubsequences: false)
    var position = range.lowerBound
    for (index, part) in parts.enumerated() {
      if index > 0 {
        result.append(58)
        position += 1
      }
      let own = position..<position + part.count
      position += part.count
      if !(parts.count > 1 && takeAddress(own, isPart: true)) { name(own) }
    }
  }

  // MARK: Addresses

  private mutating func takeAddress(_ range: Range<Int>, isPart: Bool = false) -> Bool {
    var end = range.upperBound
    while end > range.lowerBound,
      text[end - 1] == 46 || text[end - 1] == 45 || (text[end - 1] == 58 && text[end - 2] != 58)
    {
      end -= 1
    }
    let word = text[range.lowerBound..<end]
    guard word.count >= 2, word.count <= 60, word.first?.isHex == true || word.first == 58 else { return false }
    guard word.allSatisfy({ $0.isHex || $0 == 46 || $0 == 58 || $0 == 45 }) else { return false }
    if let standIn = address(word, range.lowerBound..<end) {
      result.append(contentsOf: standIn.utf8)
      result.append(contentsOf: text[end..<range.upperBound])
      return true
    }
    return false
  }

  private mutating func address(_ word: ArraySlice<UInt8>, _ range: Range<Int>) -> String? {
    let original = String(decoding: word, as: UTF8.self)
    if let bytes = AddressText.v4(word) {
      guard !isVersion(bytes, range) else { return original }
      return standIn(for: bytes, original, at: range.upperBound)
    }
    guard word.contains(58) else { return nil }
    if let bytes = Self.mac(word) { return mac(bytes, original) }
    guard word.count >= 2, let bytes = AddressText.v6(word) else { return nil }
    return standIn(for: bytes, original, at: range.upperBound)
  }

  private mutating func standIn(for bytes: [UInt8], _ original: String, at end: Int) -> String {
    var length: Int?
    var digits = 0
    if text[end] == 47 {
      let last = text.run(from: end + 1, to: min(text.count, end + 4), while: \.isDigit)
      digits = last - end - 1
      if digits > 0, !text[last].isAlphanumeric, text[last] != 46 { length = Int(text.string(end + 1..<last)) }
    }
    if let found = length, found > bytes.count * 8 { length = nil }
    if let length {
      consumed = digits + 1
      let whole = "\(original)/\(length)"
      if restores { return owner.map[whole] ?? "\(owner.map[original] ?? original)/\(length)" }
      return owner.remember(whole) { "\(render(owner.addresses.standIn(for: bytes, length: length)))/\(length)" }
    }
    if restores { return owner.map[original] ?? original }
    return owner.remember(original) { render(owner.addresses.standIn(for: bytes)) }
  }

  private func render(_ bytes: [UInt8]) -> String {
    bytes.count == 4 ? AddressText.text(v4: bytes) : AddressText.text(v6: bytes)
  }

  /// Whether four numbers are a version: `1.31.2.0` after the word, in a package's name, or ending in 0.
  private func isVersion(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let isPrivate = bytes[0] == 10 || bytes[0] == 192 && bytes[1] == 168 || bytes[0] == 172 && bytes[1] & 0xf0 == 16
    let (before, after) = (text[range.lowerBound - 1], text[range.upperBound])
    if after == 47, text[range.upperBound + 1].isDigit { return false }
    if before == 43 || before == 126 || after == 43 || after == 126 || after == 95 { return true }
    let near = text.string(range.lowerBound - 12..<range.lowerBound).lowercased()
    if near.contains("version") || near.hasSuffix("release ") || near.hasSuffix(" v") { return true }
    return !isPrivate && bytes[3] == 0 && bytes[0] < 12 && bytes[0] > 0
  }

  private static func mac(_ word: ArraySlice<UInt8>) -> [UInt8]? {
    guard word.count == 17 else { return nil }
    let parts = word.split(whereSeparator: { $0 == 58 || $0 == 45 })
    guard parts.count == 6, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isHex) }) else { return nil }
    return parts.compactMap { UInt8(String(decoding: $0, as: UTF8.self), radix: 16) }
  }

  private func mac(_ bytes: [UInt8], _ original: String) -> String {
    if bytes.allSatisfy({ $0 == 0 }) || bytes.allSatisfy({ $0 == 0xff }) || bytes[0] & 1 == 1 { return original }
    if restores { return owner.map[original] ?? original }
    return owner.remember(original) {
      var made = Array(owner.keyed(original.lowercased(), "mac").prefix(6))
      made[0] = made[0] & 0xfc | bytes[0] & 3
      if made == bytes { made[5] ^= 1 }
      let text = made.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
      return original.contains(where: { "ABCDEF".contains($0) }) ? text.uppercased() : text
    }
  }

  // MARK: Names

  private mutating func name(_ range: Range<Int>) {
    if restores { return restoreName(text.string(range)) }
    if !text[range].contains(46), !text.hasIgnoringCase("ip-", at: range.lowerBound) { return inside(range) }
    // `[crio.network]`: a section's name is no host.
    let isSection = text[range.lowerBound - 1] == 91 && text[range.lowerBound - 2] == 10 && text[range.upperBound] == 93
    if isSection, !text[range].contains(58) { return inside(range) }
    if let known = owner.words[text[range]] { return result.append(contentsOf: known) }
    let start = result.count
    let original = text.string(range)
    let lowered = original.lowercased()
    if let kind = owner.names[lowered] {
      write(original, lowered, kind)
    } else if let standIn = cloudHost(lowered) ?? domainName(lowered, original) {
      result.append(contentsOf: standIn.utf8)
    } else {
      inside(range)
    }
    if owner.words.count >= 8192 { owner.words = [:] }
    // A copy: a slice would share the whole of the result.
    owner.words[text[range]] = Array(result[start...])
  }

  private mutating func restoreName(_ original: String) {
    if let known = owner.map[original] ?? owner.map[original.lowercased()] {
      return result.append(contentsOf: known.utf8)
    }
    if let whole = domain(of: original.lowercased()), let known = owner.map[whole.host] {
      return result.append(contentsOf: known.utf8)
    }
    var rest = original
    for (standIn, known) in owner.map where standIn.utf8.count > 5 && rest.contains(standIn) {
      rest = rest.split(separator: standIn, omittingEmptySubsequences: false).joined(separator: known)
    }
    result.append(contentsOf: rest.utf8)
  }

  private mutating func write(_ original: String, _ lowered: String, _ kind: Anonymizer.NameKind) {
    result.append(contentsOf: standIn(forName: original, lowered, kind).utf8)
  }

  private func standIn(forName original: String, _ lowered: String, _ kind: Anonymizer.NameKind) -> String {
    switch kind {
    case .machine:
      return owner.remember(original) {
        let digits = (owner.keyed(lowered, "id") + owner.keyed(lowered, "id2")).map { $0 & 15 }
        var index = 0
        let made = lowered.map { character -> String in
          guard character != "-" else { return "-" }
          index += 1
          return String(digits[index % digits.count], radix: 16)
        }.joined()
        return original == lowered ? made : made.uppercased()
      }
    case .user: return owner.remember(lowered) { "user-\(label(lowered, "user"))" }
    case .host:
      // A name that is none by RFC 1123 stays none.
      guard let dot = lowered.firstIndex(of: ".") else {
        return owner.remember(lowered) { "host-\(label(lowered, "host"))" + (lowered.utf8.contains(95) ? "_x" : "") }
      }
      let first = standIn(forName: String(lowered[..<dot]), String(lowered[..<dot]), .host)
      let rest = String(lowered[lowered.index(after: dot)...])
      return owner.remember(lowered) { "\(first).\(zone(rest))" }
    }
  }

  /// Six letters and digits that depend on the name.
  private func label(_ name: String, _ purpose: String) -> String {
    let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
    return String(owner.keyed(name, purpose).prefix(6).map { letters[Int($0) % letters.count] })
  }

  /// The stand-in of a domain: its last label stays, the others are replaced one by one.
  private func zone(_ name: String) -> String {
    let labels = name.split(separator: ".").map(String.init)
    guard !isWellKnown(name) else { return name }
    guard labels.count > 1 else { return WellKnown.endings.contains(name) ? name : "domain-\(label(name, "domain"))" }
    return labels.indices.map { index in
      index == labels.count - 1
        ? labels[index] : "domain-\(label(labels[index...].joined(separator: "."), "domain"))"
    }.joined(separator: ".")
  }

  private func isWellKnown(_ name: String) -> Bool {
    var rest = name[...]
    while true {
      if WellKnown.domains.contains(String(rest)) { return true }
      guard let dot = rest.firstIndex(of: ".") else { return false }
      rest = rest[rest.index(after: dot)...]
    }
  }

  /// The name, if it is one in a domain, without a final dot.
  private func domain(of lowered: String) -> (host: String, ending: String)? {
    let host = lowered.hasSuffix(".") ? String(lowered.dropLast()) : lowered
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let ending = labels.last, labels.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 63 }) else {
      return nil
    }
    return (host, String(ending))
  }

  private func domainName(_ lowered: String, _ original: String) -> String? {
    guard let (host, ending) = domain(of: lowered), WellKnown.endings.contains(ending), !isWellKnown(host),
      host.utf8.allSatisfy({ $0.isLower || $0.isDigit || $0 == 45 || $0 == 46 })
    else { return nil }
    // io.containerd.grpc.v1 and the like are written from the other end, and begin with an ending.
    if let first = host.split(separator: ".").first, ["io", "com", "org", "net"].contains(first) { return nil }
    let standIn =
      host.split(separator: ".").count > 2
      ? self.standIn(forName: host, host, .host) : owner.remember(host) { zone(host) }
    return standIn + (lowered.hasSuffix(".") ? "." : "")
  }

  /// `ip-10-0-0-5`, as clouds call their machines, alone or in a domain.
  private func cloudHost(_ lowered: String) -> String? {
    guard lowered.hasPrefix("ip-") else { return nil }
    let first = lowered.prefix { $0 != "." }
    let dotted = first.dropFirst(3).split(separator: "-", omittingEmptySubsequences: false).joined(separator: ".")
    guard let bytes = AddressText.v4(ArraySlice(dotted.utf8)) else { return nil }
    return owner.remember(lowered) {
      let made = "ip-" + owner.addresses.standIn(for: bytes).map(String.init).joined(separator: "-")
      let rest = lowered.dropFirst(first.count)
      return made + (rest.isEmpty ? "" : ".\(zone(String(rest.dropFirst())))")
    }
  }

  /// Replaces known names inside of a longer one, between other letters than those of words: kube-apiserver-node1.
  private mutating func inside(_ range: Range<Int>) {
    var position = range.lowerBound
    var copied = position
    while position < range.upperBound {
      if position == range.lowerBound || !text[position - 1].isAlphanumeric, let found = known(at: position, in: range)
      {
        result.append(contentsOf: text[copied..<position])
        write(text.string(position..<position + found.bytes.count), found.text, found.kind)
        position += found.bytes.count
        copied = position
      } else {
        position += 1
      }
    }
    result.append(contentsOf: text[copied..<range.upperBound])
  }

  /// The longest known name that begins at `position` and is no part of a word.
  private func known(at position: Int, in range: Range<Int>) -> Anonymizer.Name? {
    owner.index[Int(text[position].lowered)].first { name in
      let end = position + name.bytes.count
      guard end <= range.upperBound, end == range.upperBound || !text[end].isAlphanumeric else { return false }
      return name.bytes.indices.allSatisfy { text[position + $0].lowered == name.bytes[$0] }
    }
  }
}
