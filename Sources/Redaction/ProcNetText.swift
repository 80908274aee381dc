/// Files below `/proc/net` whose addresses are hexadecimal, in the machine's order of bytes, which is little-endian on
/// every machine that kdoctor is built for.
///
/// - SeeAlso: proc_net(5)
struct ProcNetText {
  let anonymizer: Anonymizer

  /// Nil where `path` is no such file.
  func anonymize(_ bytes: [UInt8], path: String) -> [UInt8]? {
    let parts = path.split(separator: "/")
    guard parts.first == "proc", let name = parts.last, parts.dropLast().last == "net" else { return nil }
    switch name {
    case "route": return lines(bytes) { route(&$0) }
    case "tcp", "udp", "udplite", "raw", "icmp", "tcp6", "udp6", "udplite6", "raw6", "icmp6":
      return lines(bytes) { sockets(&$0) }
    case "if_inet6": return lines(bytes) { interfaces6(&$0) }
    case "ipv6_route": return lines(bytes) { routes6(&$0) }
    case "fib_trie": return fibTrie(bytes)
    default: return nil
    }
  }

  private func lines(_ bytes: [UInt8], _ change: (inout Fields) -> Void) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      if index > 0 { result.append(10) }
      var fields = Fields(line)
      change(&fields)
      result += fields.joined
    }
    return result
  }

  /// A line that keeps its blanks.
  struct Fields {
    private(set) var words: [ArraySlice<UInt8>] = []
    private var gaps: [ArraySlice<UInt8>] = []

    init(_ line: ArraySlice<UInt8>) {
      var rest = line
      repeat {
        let gap = rest.prefix { $0.isBlank }
        rest = rest.dropFirst(gap.count)
        let word = rest.prefix { !$0.isBlank }
        rest = rest.dropFirst(word.count)
        gaps.append(gap)
        words.append(word)
      } while !rest.isEmpty
    }

    subscript(_ index: Int) -> ArraySlice<UInt8> {
      get { words.indices.contains(index) ? words[index] : [] }
      set { if words.indices.contains(index) { words[index] = newValue } }
    }

    var joined: [UInt8] { zip(gaps, words).flatMap { $0 + $1 } }
  }

  private static func bytes(hex: ArraySlice<UInt8>) -> [UInt8]? {
    guard hex.count % 2 == 0, hex.allSatisfy(\.isHex) else { return nil }
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
    }
  }

  private static func hex(_ bytes: [UInt8], like sample: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = Array((sample.contains(where: \.isLower) ? "0123456789abcdef" : "0123456789ABCDEF").utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }[...]
  }

  /// Turns each word of four bytes round.
  private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: 4).flatMap { bytes[$0..<min($0 + 4, bytes.count)].reversed() }
  }

  private func standIn(_ bytes: [UInt8], length: Int?) -> [UInt8] {
    let made = anonymizer.addresses.standIn(for: bytes, length: length)
    let text: ([UInt8]) -> String = { $0.count == 4 ? AddressText.text(v4: $0) : AddressText.text(v6: $0) }
    let suffix = length.map { "/\($0)" } ?? ""
    _ = anonymizer.remember(text(bytes) + suffix) { text(made) + suffix }
    return made
  }

  private func replace(_ field: inout ArraySlice<UInt8>, count: Int, length: Int? = nil, swaps: Bool) {
    guard field.count == count * 2, let bytes = Self.bytes(hex: field), bytes.count == count else { return }
    let made = standIn(swaps ? Self.swapped(bytes) : bytes, length: length)
    // if_inet6 and ipv6_route are lower case, the tables of IPv4 upper case, even where no letter shows it.
    field = Self.hex(swaps ? Self.swapped(made) : made, like: swaps ? [] : [97])
  }

  /// Destination, gateway and mask are fields 1, 2 and 7.
  private func route(_ fields: inout Fields) {
    guard let mask = Self.bytes(hex: fields[7]), mask.count == 4 else { return }
    let length = mask.reduce(0) { $0 + $1.nonzeroBitCount }
    replace(&fields[1], count: 4, length: length, swaps: true)
    replace(&fields[2], count: 4, swaps: true)
  }

  /// Fields 1 and 2 are `ADDRESS:PORT`.
  private func sockets(_ fields: inout Fields) {
    for index in [1, 2] {
      guard let colon = fields[index].firstIndex(of: 58) else { continue }
      var address = fields[index][..<colon]
      let port = fields[index][colon...]
      let count = address.count / 2
      guard count == 4 || count == 16 else { continue }
      replace(&address, count: count, swaps: true)
      fields[index] = address + port
    }
  }

  private func interfaces6(_ fields: inout Fields) { replace(&fields[0], count: 16, swaps: false) }

  /// Destination and its length, source and its length, next hop.
  private func routes6(_ fields: inout Fields) {
    for (address, length) in [(0, 1), (2, 3)] {
      let bits = Self.bytes(hex: fields[length])?.first.map(Int.init)
      replace(&fields[address], count: 16, length: bits == 128 ? nil : bits, swaps: false)
    }
    replace(&fields[4], count: 16, swaps: false)
  }

  /// `|-- 10.244.0.0` and, on the next line, `/24 link UNICAST`; nodes are `+-- 10.244.0.0/16 2 0 2`.
  private func fibTrie(_ bytes: [UInt8]) -> [UInt8] {
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Fields($0) }
    var result: [UInt8] = []
    for (index, line) in lines.enumerated() {
      if index > 0 { result.append(10) }
      var line = line
      if line[0].elementsEqual("|--".utf8), let address = AddressText.v4(line[1]) {
        let next = index + 1 < lines.count ? lines[index + 1][0] : []
        let length = next.first == 47 ? Int(String(decoding: next.dropFirst(), as: UTF8.self)) : nil
        line[1] = Array(AddressText.text(v4: standIn(address, length: length == 32 ? nil : length)).utf8)[...]
      } else if line[0].elementsEqual("+--".utf8), let slash = line[1].firstIndex(of: 47),
        let address = AddressText.v4(line[1][..<slash])
      {
        let length = Int(String(decoding: line[1][(slash + 1)...], as: UTF8.self))
        let made = AddressText.text(v4: standIn(address, length: length))
        line[1] = Array(made.utf8) + line[1][slash...]
      }
      result += line.joined
    }
    return result
  }
}
