import CZstd

/// The knowledge base as it was when kdoctor was built.
///
/// The bytes stand in the generated source packed, as base64 text, because a Swift array literal of this size takes minutes to
/// compile and a resource file would make kdoctor more than one file.
public enum EmbeddedKnowledge {
  /// The files of `knowledge/`, as `KnowledgeFile.decode` reads them.
  public static var files: [UInt8] { unpacked(decoded(filesText)) }

  /// The compiled signatures of exactly these files.
  public static var database: [UInt8] { unpacked(decoded(databaseText)) }

  /// What was packed with zstd; nothing where it is damaged, which the tests would see.
  private static func unpacked(_ packed: [UInt8]) -> [UInt8] {
    let size = ZSTD_getFrameContentSize(packed, packed.count)
    guard size < 1 << 28 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(size)) { output, length in
      let count = ZSTD_decompress(output.baseAddress, output.count, packed, packed.count)
      length = ZSTD_isError(count) == 0 ? count : 0
    }
  }

  private static func decoded(_ text: StaticString) -> [UInt8] {
    let count = text.utf8CodeUnitCount
    let input = text.utf8Start
    return [UInt8](unsafeUninitializedCapacity: count / 4 * 3 + 3) { output, length in
      var group: UInt32 = 0
      var bits: UInt32 = 0
      for index in 0..<count {
        guard let value = sextet(input[index]) else { continue }
        group = group << 6 | value
        bits += 6
        if bits >= 8 {
          bits -= 8
          output[length] = UInt8(truncatingIfNeeded: group >> bits)
          length += 1
        }
      }
    }
  }

  @inline(__always)
  private static func sextet(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x41...0x5a: UInt32(byte) - 0x41
    case 0x61...0x7a: UInt32(byte) - 0x61 + 26
    case 0x30...0x39: UInt32(byte) - 0x30 + 52
    case 0x2b: 62
    case 0x2f: 63
    default: nil
    }
  }
}
