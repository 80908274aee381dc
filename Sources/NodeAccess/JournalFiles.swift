import Glibc
import Model

/// What is to be read of journals.
struct JournalRequest: Sendable {
  var window = LogWindow.all
  /// Whether only the units are wanted that can tell why a node is broken.
  var onlyNodeUnits = false
  /// The boot that runs, where the journal is that of a live node.
  var currentBoot: BootID?
}

/// Reads journal files, oldest entry first.
enum JournalFiles {
  #if LIBSYSTEMD
    /// More threads than this do not make the one that takes the lines any faster.
    private static let readerLimit = 4

    /// Feeds the entries of `paths` that are asked for to `feeder`, merged by time; the files that are no journals.
    @discardableResult
    static func read(
      _ paths: [String], _ request: JournalRequest = JournalRequest(), into feeder: BlockFeeder
    ) throws(ReadError) -> [(name: String, error: ReadError)] {
      raiseFileLimit()
      let journal = try Journal(paths)
      let slices = try JournalPlan.slices(of: request.window, in: journal, currentBoot: request.currentBoot)
      var journals = [journal]
      let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
      // Where files run out, fewer threads do.
      while journals.count < min(processors, slices.count, readerLimit), let other = try? Journal(paths) {
        journals.append(other)
      }
      let crew = JournalCrew(slices, onlyNodeUnits: request.onlyNodeUnits, keepsExport: feeder.keepsJournals)
      let count = crew.read(with: journals, into: feeder)
      if count == 0, request.window.isEverything, !request.onlyNodeUnits, !feeder.isCancelled {
        throw journal.failures.first?.error ?? .empty
      }
      return journal.failures
    }

    /// Each reader opens every file of the journal.
    private static func raiseFileLimit() {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
      limit.rlim_cur = min(limit.rlim_max, 16_384)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
  #else
    /// Libsystemd has no static library: journalctl reads the files.
    @discardableResult
    static func read(
      _ paths: [String], _ request: JournalRequest = JournalRequest(), into feeder: BlockFeeder
    ) throws(ReadError) -> [(name: String, error: ReadError)] {
      try JournalCommand.read(paths, request, into: feeder)
      return []
    }
  #endif
}
