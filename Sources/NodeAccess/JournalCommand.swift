import CSupport
import Glibc
import Model

/// Reads journal files through journalctl, where libsystemd is not built in.
///
/// - SeeAlso: journalctl(1), `--output=export`
enum JournalCommand {
  /// Feeds the entries that are asked for to `feeder`, span by span.
  static func read(_ paths: [String], _ request: JournalRequest, into feeder: BlockFeeder) throws(ReadError) {
    feeder.expectExport(units: request.onlyNodeUnits ? JournalUnits() : nil)
    var total = 0
    for span in request.window.times?.spans ?? [TimeWindow.Span()] {
      total += try run(arguments(paths, span, request), into: feeder)
      if feeder.isCancelled { return }
    }
    if total == 0, request.window.isEverything { throw .empty }
  }

  static func arguments(_ paths: [String], _ span: TimeWindow.Span, _ request: JournalRequest) -> [String] {
    var arguments = ["journalctl", "--output=export", "--no-pager", "--quiet", "--all"]
    arguments += paths.map { "--file=" + $0 }
    if span.since > 0, span.since.isFinite { arguments.append("--since=@" + seconds(span.since)) }
    if span.until > 0, span.until.isFinite { arguments.append("--until=@" + seconds(span.until)) }
    switch request.window.boot {
    case .number(0): arguments.append("--boot=" + (request.currentBoot?.hex ?? "0"))
    case .number(let number): arguments.append("--boot=\(number)")
    case .id(let id, let offset):
      arguments.append("--boot=" + id.hex + (offset == 0 ? "" : (offset > 0 ? "+" : "") + String(offset)))
    case nil: break
    }
    return arguments
  }

  /// Seconds with six decimals, as systemd.time(7) reads them.
  private static func seconds(_ value: Double) -> String {
    let micros = UInt64(min(value, 1e11) * 1e6)
    let fraction = String(micros % 1_000_000)
    return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }

  /// Feeds what journalctl prints; how many bytes it were.
  private static func run(_ arguments: [String], into feeder: BlockFeeder) throws(ReadError) -> Int {
    var ends: [Int32] = [0, 0]
    guard kdoctor_pipe(&ends) == 0 else { throw .failed(String(cString: strerror(errno))) }
    defer { close(ends[0]) }
    let process = ChildProcess.start(arguments, output: ends[1])
    close(ends[1])
    guard let process else { throw .failed("journalctl is needed to read journal files and was not found") }
    var buffer = [UInt8](repeating: 0, count: LogInputs.blockSize)
    var total = 0
    while !feeder.isCancelled {
      let count = LogInputs.fill(ends[0], &buffer)
      if count <= 0 { break }
      total += count
      buffer.withUnsafeBytes { feeder.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    if feeder.isCancelled { kill(-process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    if total == 0, status != 0, !feeder.isCancelled { throw .malformed("journalctl cannot read it") }
    return total
  }
}
