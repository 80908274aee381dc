import Glibc
import Model

#if LIBSYSTEMD
  import CSystemd
#endif

/// Reads journal files, oldest entry first.
enum JournalFiles {
  #if LIBSYSTEMD
    /// Feeds every entry of `paths` to `feeder`, merged by time.
    ///
    /// - SeeAlso: sd_journal_open_files(3), sd_journal_enumerate_data(3)
    static func read(_ paths: [String], since: Double? = nil, into feeder: BlockFeeder) throws(ReadError) {
      var journal: OpaquePointer?
      var pointers: [UnsafePointer<CChar>?] = paths.map { UnsafePointer(strdup($0)) }
      defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
      pointers.append(nil)
      let code = sd_journal_open_files(&journal, &pointers, 0)
      guard code >= 0, let journal else {
        throw code == -EACCES ? .denied : .malformed("is no readable journal (\(String(cString: strerror(-code))))")
      }
      defer { sd_journal_close(journal) }
      if let since, since > 0 { sd_journal_seek_realtime_usec(journal, UInt64(since * 1_000_000)) }
      var count = 0
      let entry = JournalEntry(keepingExport: feeder.keepsJournals)
      while !feeder.isCancelled {
        let step = sd_journal_next(journal)
        if step == 0 { break }
        if step < 0 {
          if count == 0 { throw .malformed("is a damaged journal (\(String(cString: strerror(-step))))") }
          break
        }
        count += 1
        entry.reset()
        sd_journal_get_realtime_usec(journal, &entry.microseconds)
        if feeder.keepsJournals {
          var boot = sd_id128()
          sd_journal_get_monotonic_usec(journal, &entry.monotonic, &boot)
        }
        sd_journal_restart_data(journal)
        var data: UnsafeRawPointer?
        var length = 0
        while sd_journal_enumerate_data(journal, &data, &length) > 0, let start = data {
          entry.set(field: UnsafeRawBufferPointer(start: start, count: min(length, 1 << 20)))
        }
        if !entry.isEmpty { feeder.append(entry) }
      }
      if count == 0 { throw .empty }
    }
  #else
    /// libsystemd has no static library: journalctl reads the files.
    ///
    /// - SeeAlso: journalctl(1)
    static func read(_ paths: [String], since: Double? = nil, into feeder: BlockFeeder) throws(ReadError) {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { throw .failed(String(cString: strerror(errno))) }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
      posix_spawn_file_actions_addclose(&actions, ends[0])
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
      defer { posix_spawn_file_actions_destroy(&actions) }
      let arguments =
        ["journalctl", "--output=export", "--no-pager", "--quiet"] + paths.map { "--file=" + $0 }
        + (since.map { ["--since=@\(Int($0))"] } ?? [])
      var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
      pointers.append(nil)
      defer { for pointer in pointers { free(pointer) } }
      var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), strdup("LC_ALL=C"), nil]
      defer { for pointer in environment { free(pointer) } }
      var process: pid_t = 0
      let code = posix_spawn(&process, "/usr/bin/journalctl", &actions, nil, pointers, &environment)
      close(ends[1])
      defer { close(ends[0]) }
      guard code == 0 else { throw .failed("journalctl is needed to read journal files and was not found") }
      var buffer = [UInt8](repeating: 0, count: LogInputs.blockSize)
      var total = 0
      while true {
        let count = LogInputs.fill(ends[0], &buffer)
        if count <= 0 { break }
        total += count
        buffer.withUnsafeBytes { feeder.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
      var status: Int32 = 0
      waitpid(process, &status, 0)
      if total == 0 { throw status == 0 ? .empty : .malformed("journalctl cannot read it") }
    }
  #endif
}
