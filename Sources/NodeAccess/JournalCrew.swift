#if LIBSYSTEMD
  import Dispatch
  import Synchronization

  /// Reads the slices of a journal on several threads and hands their lines on in order.
  ///
  /// A slice ends where the next one's first entry comes. Where it never comes, because the clock was set back and the
  /// order of time is not that of the journal, the slice is read to the end of the journal, and the others of its span
  /// are left out: what is handed on is the same as one thread would read.
  final class JournalCrew: Sendable {
    /// How many bytes of lines a reader collects before it hands them on, and how many such parts of one slice may
    /// wait: memory stays bounded, whatever the slices hold.
    private static let partSize = 1 << 19
    private static let partLimit = 8

    private enum Part {
      case lines([UInt8])
      case end(hasMetEnd: Bool, count: Int)
    }

    /// Where one slice waits for its turn.
    private final class Lane: Sendable {
      let parts: Mutex<[Part]> = Mutex([])
      let ready = DispatchSemaphore(value: 0)
      // Made with 0 and raised: a semaphore that ends lower than it began traps.
      let room = DispatchSemaphore(value: 0)
      let isDropped = Atomic(false)

      init() { for _ in 0..<JournalCrew.partLimit { room.signal() } }

      func put(_ part: Part) {
        parts.withLock { $0.append(part) }
        ready.signal()
      }

      func take() -> Part {
        ready.wait()
        room.signal()
        return parts.withLock { $0.removeFirst() }
      }
    }

    private let slices: [JournalSlice]
    private let lanes: [Lane]
    private let onlyNodeUnits: Bool
    /// Whether entries are handed on in export form, for a sink that keeps them.
    private let keepsExport: Bool
    private let nextSlice = Mutex(0)
    private let slots = DispatchSemaphore(value: 0)
    private let hasStopped = Atomic(false)

    init(_ slices: [JournalSlice], onlyNodeUnits: Bool, keepsExport: Bool) {
      self.slices = slices
      self.keepsExport = keepsExport
      self.onlyNodeUnits = onlyNodeUnits
      lanes = slices.map { _ in Lane() }
    }

    /// Reads all slices with `journals`, one thread each, and feeds their lines to `feeder`; how many entries it were.
    func read(with journals: [Journal], into feeder: BlockFeeder) -> Int {
      for _ in 0..<journals.count + 2 { slots.signal() }
      for journal in journals {
        DispatchQueue(label: "journal").async { [self] in work(journal) }
      }
      var count = 0
      var brokenSpan: Int?
      for (slice, lane) in zip(slices, lanes) {
        if slice.span == brokenSpan { lane.isDropped.store(true, ordering: .relaxed) }
        var isOpen = true
        while isOpen {
          switch lane.take() {
          case .lines(let lines):
            guard slice.span != brokenSpan else { break }
            if keepsExport { feeder.add(lines) } else { feeder.append(lines: lines) }
          case .end(let hasMetEnd, let read):
            isOpen = false
            if slice.span != brokenSpan { count += read }
            if !hasMetEnd { brokenSpan = slice.span }
          }
          if feeder.isCancelled { stop() }
        }
        slots.signal()
      }
      return count
    }

    /// Lets every reader end soon, and every slice with it.
    private func stop() {
      hasStopped.store(true, ordering: .relaxed)
    }

    private func work(_ journal: Journal) {
      var entry = JournalEntry(units: onlyNodeUnits ? JournalUnits() : nil, keepingExport: keepsExport)
      var lines: [UInt8] = []
      lines.reserveCapacity(Self.partSize + (1 << 16))
      while true {
        // A slice is begun only when the reader of lines is near: the first that is not done always has its slot.
        slots.wait()
        let index = nextSlice.withLock { number in
          defer { number += 1 }
          return number
        }
        guard index < slices.count else { return }
        read(slices[index], lanes[index], journal, &entry, &lines)
      }
    }

    private func read(
      _ slice: JournalSlice, _ lane: Lane, _ journal: Journal, _ entry: inout JournalEntry, _ lines: inout [UInt8]
    ) {
      var count = 0
      func isUnwanted() -> Bool { hasStopped.load(ordering: .relaxed) || lane.isDropped.load(ordering: .relaxed) }
      var hasMetEnd = false
      if !isUnwanted() {
        hasMetEnd = journal.read(slice, &entry) { entry, isShown in
          if isShown {
            count += 1
            if keepsExport { lines += entry.export } else { entry.write(to: &lines) }
          }
          if lines.count >= Self.partSize {
            lane.room.wait()
            lane.put(.lines(lines))
            lines.removeAll(keepingCapacity: true)
          }
          return !isUnwanted()
        }
      }
      if !lines.isEmpty {
        lane.room.wait()
        lane.put(.lines(lines))
        lines.removeAll(keepingCapacity: true)
      }
      lane.put(.end(hasMetEnd: hasMetEnd, count: count))
    }
  }
#endif
