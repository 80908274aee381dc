import CVectorscan
import Glibc

/// What vectorscan reports of one block: at most one hit a signature and line.
///
/// A storm of one line is counted here and goes no further: once `detailLimit` hits of a signature were confirmed,
/// only the last of each block is kept for a closer look.
final class HitBuffer {
  /// How many confirmed hits of a signature are looked at one by one in one input.
  static let detailLimit = 400

  struct Hit {
    let signature: Int
    /// The offset of the last byte that matched, in the block.
    let end: Int
  }

  var hits: [Hit] = []
  /// Whether every hit is looked at, whatever their number.
  var isDetailed = false
  /// By signature: hits that were confirmed, hits that were only counted, the end of the line of the last one in the
  /// block, and the last that was only counted there.
  var confirmed: [Int]
  var skipped: [Int]
  private var lineEnds: [Int]
  private var lastSkipped: [Int]
  private var touched: [Int] = []
  private var base: UnsafePointer<UInt8>?
  private var length = 0

  init(signatures: Int) {
    confirmed = Array(repeating: 0, count: signatures)
    skipped = Array(repeating: 0, count: signatures)
    lineEnds = Array(repeating: -1, count: signatures)
    lastSkipped = Array(repeating: -1, count: signatures)
  }

  /// Starts a new input.
  func reset() {
    for index in confirmed.indices {
      confirmed[index] = 0
      skipped[index] = 0
    }
  }

  /// Scans `block`; afterwards `hits` holds what was found, in the order of their ends.
  func scan(_ block: UnsafeRawBufferPointer, with database: OpaquePointer, scratch: OpaquePointer) {
    hits.removeAll(keepingCapacity: true)
    guard let start = block.baseAddress else { return }
    base = start.assumingMemoryBound(to: UInt8.self)
    length = block.count
    let context = Unmanaged.passUnretained(self).toOpaque()
    hs_scan(
      database, start.assumingMemoryBound(to: CChar.self), UInt32(block.count), 0, scratch,
      { id, _, to, _, context in
        guard let context else { return 1 }
        Unmanaged<HitBuffer>.fromOpaque(context).takeUnretainedValue().report(Int(id), Int(to) - 1)
        return 0
      }, context)
    for signature in touched {
      if lastSkipped[signature] >= 0 { hits.append(Hit(signature: signature, end: lastSkipped[signature])) }
      lineEnds[signature] = -1
      lastSkipped[signature] = -1
    }
    touched.removeAll(keepingCapacity: true)
    base = nil
  }

  private func report(_ signature: Int, _ end: Int) {
    guard end > lineEnds[signature], let base else { return }
    if lineEnds[signature] < 0 { touched.append(signature) }
    let newline = memchr(base + end, 0x0a, length - end)
    lineEnds[signature] = newline.map { $0 - UnsafeMutableRawPointer(mutating: base) } ?? length
    if isDetailed || confirmed[signature] < Self.detailLimit {
      hits.append(Hit(signature: signature, end: end))
    } else {
      if lastSkipped[signature] >= 0 { skipped[signature] += 1 }
      lastSkipped[signature] = end
    }
  }
}
