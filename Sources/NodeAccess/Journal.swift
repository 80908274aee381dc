#if LIBSYSTEMD
  import CSystemd
  import Glibc
  import Model

  /// A place in a journal.
  struct JournalMark: Sendable, Equatable {
    let cursor: String
    /// Microseconds since 1970-01-01 UTC.
    let microseconds: UInt64
    let boot: BootID

    /// The writer's number of the entry, and the id of the sequence; nil where the cursor names none.
    var sequence: (id: Substring, number: UInt64)? {
      var id: Substring?
      var number: UInt64?
      for part in cursor.split(separator: ";") {
        if part.hasPrefix("s=") { id = part.dropFirst(2) }
        if part.hasPrefix("i=") { number = UInt64(part.dropFirst(2), radix: 16) }
      }
      guard let id, let number else { return nil }
      return (id, number)
    }
  }

  /// A stretch of a journal: from an entry to the one before another.
  struct JournalSlice: Sendable {
    /// Its first entry; nil for the journal's first.
    var start: JournalMark?
    /// The first entry after it; nil for the end of the journal.
    var end: JournalMark?
    /// What it shows: the entries from this microsecond to that, of this boot.
    var times: ClosedRange<UInt64>
    var boot: BootID?
    /// The number of the span that it is a part of.
    var span: Int
  }

  /// Journal files that are read as one, merged by time.
  ///
  /// - SeeAlso: sd_journal_open_files(3), sd_journal_enumerate_data(3)
  final class Journal: @unchecked Sendable {
    // Unchecked: sd-journal allows any thread, one at a time; the reader hands each journal to one thread for good.
    private let handle: OpaquePointer
    /// The files that are no readable journals, and why.
    let failures: [(name: String, error: ReadError)]

    init(_ paths: [String]) throws(ReadError) {
      var failures: [(name: String, error: ReadError)] = []
      var good = paths
      var code: Int32 = 0
      var opened = Self.open(paths, &code)
      if opened == nil, paths.count > 1, code != -EMFILE {
        // One file that is none would cost all of them.
        good = []
        for path in paths {
          if let one = Self.open([path], &code) {
            sd_journal_close(one)
            good.append(path)
          } else {
            failures.append((path, Self.error(code)))
          }
        }
        opened = good.isEmpty ? nil : Self.open(good, &code)
      }
      guard let opened else { throw Self.error(code) }
      handle = opened
      self.failures = failures
    }

    deinit { sd_journal_close(handle) }

    private static func open(_ paths: [String], _ code: inout Int32) -> OpaquePointer? {
      var journal: OpaquePointer?
      var pointers: [UnsafePointer<CChar>?] = paths.map { UnsafePointer(strdup($0)) }
      defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
      pointers.append(nil)
      code = sd_journal_open_files(&journal, &pointers, 0)
      return code >= 0 ? journal : nil
    }

    private static func error(_ code: Int32) -> ReadError {
      switch -code {
      case EACCES, EPERM: .denied
      case EMFILE, ENFILE, ENOMEM: .failed(String(cString: strerror(-code)))
      default: .malformed("is no readable journal (\(String(cString: strerror(-code))))")
      }
    }

    // Places.

    /// The place of the entry that was stepped to.
    private var here: JournalMark? {
      var text: UnsafeMutablePointer<CChar>?
      var time: UInt64 = 0
      guard sd_journal_get_cursor(handle, &text) >= 0, let text else { return nil }
      defer { free(text) }
      guard sd_journal_get_realtime_usec(handle, &time) >= 0, let boot = hereBoot else { return nil }
      return JournalMark(cursor: String(cString: text), microseconds: time, boot: boot)
    }

    private var hereBoot: BootID? {
      var monotonic: UInt64 = 0
      var id = sd_id128_t()
      guard sd_journal_get_monotonic_usec(handle, &monotonic, &id) >= 0 else { return nil }
      let (high, low) = withUnsafeBytes(of: &id) {
        ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      return BootID(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    private func next() -> JournalMark? { sd_journal_next(handle) > 0 ? here : nil }
    private func previous() -> JournalMark? { sd_journal_previous(handle) > 0 ? here : nil }

    var first: JournalMark? {
      sd_journal_seek_head(handle)
      return next()
    }

    var last: JournalMark? {
      sd_journal_seek_tail(handle)
      return previous()
    }

    /// The first entry that is not older than `microseconds`.
    func first(since microseconds: UInt64) -> JournalMark? {
      sd_journal_seek_realtime_usec(handle, microseconds)
      return next()
    }

    /// The first entry of a boot, and the entry before it.
    func start(of boot: BootID) -> (first: JournalMark, before: JournalMark?)? {
      let first = matching(boot) {
        sd_journal_seek_head(handle)
        return next()
      }
      guard let first else { return nil }
      sd_journal_seek_cursor(handle, first.cursor)
      var before = previous()
      if before == first { before = previous() }
      return (first, before)
    }

    /// The entry after the last one of a boot.
    func after(_ boot: BootID) -> JournalMark? {
      let last = matching(boot) {
        sd_journal_seek_tail(handle)
        return previous()
      }
      guard let last else { return nil }
      sd_journal_seek_cursor(handle, last.cursor)
      let next = next()
      return next == last ? self.next() : next
    }

    /// What `find` finds among the entries of a boot alone.
    private func matching(_ boot: BootID, _ find: () -> JournalMark?) -> JournalMark? {
      sd_journal_flush_matches(handle)
      defer { sd_journal_flush_matches(handle) }
      let match = Array(("_BOOT_ID=" + boot.hex).utf8)
      guard sd_journal_add_match(handle, match, match.count) >= 0 else { return nil }
      return find()
    }

    /// The boot that `choice` means; `current` is the one that runs, where the journal is that of a live node.
    func boot(_ choice: BootChoice, current: BootID?) -> BootID? {
      var boot: BootID?
      var steps = 0
      switch choice {
      case .number(let number) where number <= 0:
        boot = current ?? last?.boot
        steps = number
      case .number(let number):
        boot = first?.boot
        steps = number - 1
      case .id(let id, let offset):
        boot = start(of: id)?.first.boot
        steps = offset
      }
      while let here = boot, steps != 0 {
        boot = steps < 0 ? start(of: here)?.before?.boot : after(here)?.boot
        steps += steps < 0 ? 1 : -1
      }
      return boot.flatMap { start(of: $0) == nil ? nil : $0 }
    }

    // Entries.

    /// Reads the entries of `slice` into `entry`, one after the other, and tells `emit` of each whether it is to be
    /// shown, until it says no; whether the slice's end was met.
    func read(
      _ slice: JournalSlice, _ entry: inout JournalEntry, emit: (inout JournalEntry, Bool) -> Bool
    ) -> Bool {
      if let start = slice.start {
        sd_journal_seek_cursor(handle, start.cursor)
      } else {
        sd_journal_seek_head(handle)
      }
      while sd_journal_next(handle) > 0 {
        entry.reset()
        sd_journal_get_realtime_usec(handle, &entry.microseconds)
        if let end = slice.end, entry.microseconds == end.microseconds, sd_journal_test_cursor(handle, end.cursor) > 0 {
          return true
        }
        var isShown = slice.times.contains(entry.microseconds)
        if isShown, let boot = slice.boot { isShown = hereBoot == boot }
        if isShown, entry.keepsExport {
          var boot = sd_id128_t()
          sd_journal_get_monotonic_usec(handle, &entry.monotonic, &boot)
        }
        if isShown { isShown = fill(&entry) }
        if !emit(&entry, isShown) { return false }
      }
      return slice.end == nil
    }

    /// Reads the fields of the entry; whether it is to be shown.
    private func fill(_ entry: inout JournalEntry) -> Bool {
      sd_journal_restart_data(handle)
      var data: UnsafeRawPointer?
      var length = 0
      // The fields that many entries share come first: a foreign entry is known before its message is read.
      while sd_journal_enumerate_data(handle, &data, &length) > 0, let start = data {
        if entry.set(field: UnsafeRawBufferPointer(start: start, count: min(length, 1 << 20))), entry.isForeign() {
          return false
        }
      }
      return !entry.isEmpty && !entry.isForeign()
    }
  }
#endif
