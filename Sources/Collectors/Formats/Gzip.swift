import CZlib

/// Unpacks small gzip files, such as the kernel's own configuration.
///
/// - SeeAlso: RFC 1952
enum Gzip {
  /// The content of the first member of `bytes`; nil where it is malformed or larger than `limit` bytes.
  static func unpacked(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = z_stream()
    // 16 asks for the frame of gzip.
    guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    // One byte more tells what is too large from what just fits.
    var output = [UInt8](repeating: 0, count: limit + 1)
    let status = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(clamping: output.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    let count = Int(clamping: stream.total_out)
    guard status == Z_STREAM_END, count <= limit else { return nil }
    return Array(output.prefix(count))
  }
}
