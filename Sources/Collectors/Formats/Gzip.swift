/// Unpacks small gzip files, such as the kernel's own configuration.
///
/// - SeeAlso: RFC 1952, RFC 1951
enum Gzip {
  /// The content of the first member of `bytes`; nil where it is malformed or larger than `limit` bytes.
  static func unpacked(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    guard bytes.count > 18, bytes[0] == 0x1f, bytes[1] == 0x8b, bytes[2] == 8 else { return nil }
    let flags = bytes[3]
    var position = 10
    if flags & 4 != 0 {
      guard position + 2 <= bytes.count else { return nil }
      position += 2 + Int(bytes[position]) + Int(bytes[position + 1]) << 8
    }
    for flag in [UInt8(8), 16] where flags & flag != 0 {
      guard position < bytes.count, let end = bytes[position...].firstIndex(of: 0) else { return nil }
      position = end + 1
    }
    if flags & 2 != 0 { position += 2 }
    guard position < bytes.count else { return nil }
    var inflation = Inflation(bytes[position...], limit: limit)
    return inflation.run() ? inflation.output : nil
  }
}

/// One run of RFC 1951's decompression.
private struct Inflation {
  /// The code lengths of a block as counts by length and symbols by code.
  struct Code {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    /// Nil where there are more codes than their lengths allow.
    init?(lengths: some Collection<Int>) {
      for length in lengths { counts[length] += 1 }
      counts[0] = 0
      var left = 1
      var offsets = [Int](repeating: 0, count: 17)
      for length in 1...15 {
        left = left << 1 - counts[length]
        if left < 0 { return nil }
        offsets[length + 1] = offsets[length] + counts[length]
      }
      symbols = [Int](repeating: 0, count: lengths.count)
      for (symbol, length) in lengths.enumerated() where length > 0 {
        symbols[offsets[length]] = symbol
        offsets[length] += 1
      }
    }
  }

  private let input: ArraySlice<UInt8>
  private let limit: Int
  private var position: Int
  private var bit = 0
  private(set) var output: [UInt8] = []

  init(_ input: ArraySlice<UInt8>, limit: Int) {
    self.input = input
    self.limit = limit
    position = input.startIndex
  }

  /// Whether all blocks could be unpacked.
  mutating func run() -> Bool {
    while let isLast = bits(1), let kind = bits(2) {
      let isDone: Bool
      switch kind {
      case 0: isDone = copyStored()
      case 1: isDone = unpack(Self.fixedLiterals, Self.fixedDistances)
      case 2: isDone = unpackDynamic()
      default: return false
      }
      guard isDone else { return false }
      if isLast == 1 { return true }
    }
    return false
  }

  /// The next `count` bits, the first as the lowest.
  private mutating func bits(_ count: Int) -> Int? {
    var value = 0
    for index in 0..<count {
      guard position < input.endIndex else { return nil }
      value |= Int(input[position] >> UInt8(bit) & 1) << index
      bit += 1
      if bit == 8 {
        bit = 0
        position += 1
      }
    }
    return value
  }

  private mutating func symbol(_ code: Code) -> Int? {
    var value = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      guard let next = bits(1) else { return nil }
      value |= next
      let count = code.counts[length]
      if value - count < first {
        let place = index + value - first
        return code.symbols.indices.contains(place) ? code.symbols[place] : nil
      }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    return nil
  }

  private mutating func copyStored() -> Bool {
    if bit > 0 {
      bit = 0
      position += 1
    }
    guard let count = bits(16), let check = bits(16), count ^ check == 0xffff, input.endIndex - position >= count,
      output.count + count <= limit
    else { return false }
    output += input[position..<position + count]
    position += count
    return true
  }

  private static let fixedLiterals = Code(
    lengths: [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112) + [Int](repeating: 7, count: 24)
      + [Int](repeating: 8, count: 8))
  private static let fixedDistances = Code(lengths: [Int](repeating: 5, count: 30))
  /// The least length of each length symbol from 257 on, and how many bits are added to it.
  private static let lengths: [(base: Int, extra: Int)] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2),
    (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5),
    (163, 5), (195, 5), (227, 5), (258, 0),
  ]

  private mutating func unpack(_ literals: Code?, _ distances: Code?) -> Bool {
    guard let literals, let distances else { return false }
    while let symbol = symbol(literals) {
      if symbol == 256 { return true }
      if symbol < 256 {
        guard output.count < limit else { return false }
        output.append(UInt8(symbol))
        continue
      }
      guard symbol - 257 < Self.lengths.count, let more = bits(Self.lengths[symbol - 257].extra),
        let place = self.symbol(distances), place < 30
      else { return false }
      let length = Self.lengths[symbol - 257].base + more
      let extra = place < 4 ? 0 : place / 2 - 1
      guard let rest = bits(extra) else { return false }
      let distance = place < 4 ? place + 1 : (2 + place % 2) << extra + 1 + rest
      guard distance <= output.count, output.count + length <= limit else { return false }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
    return false
  }

  private mutating func unpackDynamic() -> Bool {
    guard let literals = bits(5), let distances = bits(5), let count = bits(4), literals <= 29 else { return false }
    var lengths = [Int](repeating: 0, count: 19)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    for place in order.prefix(count + 4) {
      guard let length = bits(3) else { return false }
      lengths[place] = length
    }
    guard let code = Code(lengths: lengths) else { return false }
    let total = literals + 257 + distances + 1
    var all: [Int] = []
    while all.count < total {
      guard let symbol = symbol(code) else { return false }
      switch symbol {
      case 16:
        guard let last = all.last, let more = bits(2) else { return false }
        all += [Int](repeating: last, count: 3 + more)
      case 17:
        guard let more = bits(3) else { return false }
        all += [Int](repeating: 0, count: 3 + more)
      case 18:
        guard let more = bits(7) else { return false }
        all += [Int](repeating: 0, count: 11 + more)
      default: all.append(symbol)
      }
    }
    guard all.count == total else { return false }
    return unpack(Code(lengths: all[..<(literals + 257)]), Code(lengths: all[(literals + 257)...]))
  }
}
