import Model
import NodeAccess

/// Measures logs before they are recorded, so that a large one can keep its newest part.
public final class LogMeasure: LogSink {
  private var sizes: [(name: String, bytes: Int)] = []
  private var isJournal = false
  private let isStopped: () -> Bool

  /// - Parameter isCancelled: whether reading should stop.
  public init(isCancelled: @escaping () -> Bool) { isStopped = isCancelled }

  public var isCancelled: Bool { isStopped() }

  public func begin(_ name: String, modified: LogTime?) {
    sizes.append((name, 0))
    isJournal = false
  }

  public func beginJournal(_ name: String) {
    begin(name, modified: nil)
    isJournal = true
  }

  public let keepsEntries = true

  public func entry(_ export: [UInt8]) { add(export.count) }

  public func block(_ bytes: UnsafeRawBufferPointer) { if !isJournal { add(bytes.count) } }

  public func end() {}

  private func add(_ count: Int) { if !sizes.isEmpty { sizes[sizes.count - 1].bytes += count } }

  /// How many bytes of each log, in their order, must be left out at its beginning, so that all together take no more
  /// than `limit` bytes: small logs stay whole, and the large ones share what is left.
  public func excess(over limit: Int) -> [Int] {
    var left = limit
    var excess = [Int](repeating: 0, count: sizes.count)
    let order = sizes.indices.sorted { (sizes[$0].bytes, $0) < (sizes[$1].bytes, $1) }
    for (position, index) in order.enumerated() {
      let share = left / (order.count - position)
      let kept = min(sizes[index].bytes, share)
      excess[index] = sizes[index].bytes - kept
      left -= kept
    }
    return excess
  }
}
