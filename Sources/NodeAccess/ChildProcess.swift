import CSupport
import Glibc
import Model

/// Runs a read-only command: without a shell, with a fixed environment, in a process group of its own, for a limited
/// time and output.
enum ChildProcess {
  private static let folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]
  private static let outputLimit = 4 << 20

  /// What the command prints; a program that is not there is `.absent`.
  ///
  /// - Parameters:
  ///   - limit: seconds; then its whole group is killed.
  ///   - statuses: any other is `.failed`.
  static func output(
    of arguments: [String], limit: Double = 4, accepting statuses: Set<Int32> = [0]
  ) throws(ReadError) -> [UInt8] {
    guard let program = arguments.first, let path = path(of: program) else { throw .absent }
    var ends: [Int32] = [0, 0]
    guard kdoctor_pipe(&ends) == 0 else { throw .failed(String(cString: strerror(errno))) }
    defer { close(ends[0]) }
    let process = start(path, arguments, output: ends[1])
    close(ends[1])
    guard let process else { throw .failed("\(program) cannot be started") }
    let deadline = ContinuousClock.now + .milliseconds(Int(limit * 1000))
    let bytes = read(ends[0], until: deadline)
    let status = end(process, at: bytes == nil ? .now : deadline)
    guard let bytes, let status else { throw .timedOut(seconds: limit) }
    guard statuses.contains(status) else { throw .failed("\(program) ended with status \(status)") }
    return bytes
  }

  /// Starts a program of the folders of programs, in a process group of its own; nil where it cannot be.
  static func start(_ arguments: [String], output: Int32) -> pid_t? {
    guard let program = arguments.first, let path = path(of: program) else { return nil }
    return start(path, arguments, output: output)
  }

  private static func path(of program: String) -> String? {
    folders.map { $0 + "/" + program }.first { access($0, X_OK) == 0 }
  }

  private static func start(_ path: String, _ arguments: [String], output: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    let variables = ["PATH=" + folders.joined(separator: ":"), "LC_ALL=C", "SYSTEMD_PAGER="]
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for pointer in pointers + environment { free(pointer) } }
    var process: pid_t = 0
    return posix_spawn(&process, path, &actions, &attributes, &pointers, &environment) == 0 ? process : nil
  }

  /// All that comes before the end of the stream; nil when the time was over first.
  private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let left = (deadline - .now).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      guard milliseconds > 0 else { return nil }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wanted, 1, Int32(milliseconds))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return nil }
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return bytes }
      if bytes.count < outputLimit { bytes.append(contentsOf: chunk[..<count]) }
    }
  }

  /// Waits for the process until `deadline`, then kills its group; its status, or nil when it was killed.
  private static func end(_ process: pid_t, at deadline: ContinuousClock.Instant) -> Int32? {
    var status: Int32 = 0
    while ContinuousClock.now < deadline {
      if waitpid(process, &status, WNOHANG) == process {
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
      }
      usleep(1000)
    }
    kill(-process, SIGKILL)
    // A process in an uninterruptible sleep does not die at once: nobody waits for it.
    waitpid(process, &status, WNOHANG)
    return nil
  }
}
