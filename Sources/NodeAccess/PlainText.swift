/// Tells logs from programs, pictures and packed data.
enum PlainText {
  /// Whether `bytes`, the beginning of an input, are no text: more than one in sixteen is a control character that texts
  /// do not hold. Random bytes have one in ten. Zero bytes do not count: they fill the holes of logs, and UTF-16 has
  /// them, too.
  static func isBinary(_ bytes: some Collection<UInt8>) -> Bool {
    if signatures.contains(where: { bytes.starts(with: $0) }) { return true }
    var count = 0
    var controls = 0
    for byte in bytes.prefix(1 << 16) where byte != 0 {
      count += 1
      // Tabs, line feeds and their like, and what begins a colour.
      if byte < 0x20, !(7...13).contains(byte), byte != 0x1b { controls += 1 }
    }
    return controls * 16 > count
  }

  /// How documents and pictures begin that may hold hardly any control character.
  private static let signatures: [[UInt8]] = [
    Array("%PDF-".utf8), Array("{\\rtf".utf8), [0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8, 0xff],
  ]

  /// Whether `bytes` are zero bytes alone.
  static func isHole(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.allSatisfy { $0 == 0 } }
}
