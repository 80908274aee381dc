/// Tells logs from programs, pictures and packed data.
enum PlainText {
  /// Whether `bytes`, the beginning of an input, are no text: more than one in sixteen is a control character that texts
  /// do not hold. Random bytes have one in ten. Zero bytes do not count: they fill the holes of logs, and UTF-16 has
  /// them, too.
  static func isBinary(_ bytes: some Collection<UInt8>) -> Bool {
    var count = 0
    var controls = 0
    for byte in bytes.prefix(1 << 16) where byte != 0 {
      count += 1
      // Tabs, line feeds and their like, and what begins a colour.
      if byte < 0x20, !(7...13).contains(byte), byte != 0x1b { controls += 1 }
    }
    return controls * 16 > count
  }

  /// Whether `bytes` are zero bytes alone.
  static func isHole(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.allSatisfy { $0 == 0 } }
}
