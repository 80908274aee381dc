import CSupport
import Glibc
import Model

extension DirectorySource {
  public func answer(to probe: Probe) throws(ReadError) -> [UInt8] {
    if case .part(let path, let offset, let length) = probe { return try part(of: path, offset, length) }
    // A mounted disk or a captured tree runs nothing: it would be this machine that answers.
    guard isLive else { throw .notCaptured }
    guard mayUseNetwork || !probe.leavesMachine else { throw .notAsked }
    switch probe {
    case .fileSystem(let path): return try Self.fileSystem(path)
    case .clock: return Self.clock()
    case .call(let socket, let method, let request):
      return try GRPCCall.reply(from: socket, to: method, request: request)
    case .connect(let host, let port): return try TCPConnection.attempt(host, port)
    case .command(.resolve(let name)): return try Self.resolve(name)
    case .part: throw .notCaptured
    case .command(.legacyRules): return try Self.legacyRules()
    case .command(let command): return try ChildProcess.output(of: command.arguments)
    }
  }

  /// What getent(1) prints; nothing, with status 2, where the name is not known.
  static func resolve(_ name: String) throws(ReadError) -> [UInt8] {
    do throws(ReadError) {
      return try ChildProcess.output(of: ReadOnlyCommand.resolve(name).arguments, accepting: [0, 2])
    } catch {
      if case .absent = error { throw .failed("getent is not installed") }
      throw error
    }
  }

  /// Where iptables has no second backend, the older one goes by the plain name.
  private static func legacyRules() throws(ReadError) -> [UInt8] {
    do throws(ReadError) {
      return try ChildProcess.output(of: ReadOnlyCommand.legacyRules.arguments)
    } catch {
      guard case .absent = error else { throw error }
      return try ChildProcess.output(of: ["iptables-save"])
    }
  }

  private static func fileSystem(_ path: String) throws(ReadError) -> [UInt8] {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw .absent }
      if errno == EACCES { throw .denied }
      throw .failed(String(cString: strerror(errno)))
    }
    let unit = Double(status.f_frsize)
    let use = FileSystemUse(
      totalBytes: Double(status.f_blocks) * unit, availableBytes: Double(status.f_bavail) * unit,
      usedBytes: (Double(status.f_blocks) - Double(status.f_bfree)) * unit, totalInodes: Double(status.f_files),
      freeInodes: Double(status.f_ffree))
    return Array(use.text.utf8)
  }

  private static func clock() -> [UInt8] {
    Array((kdoctor_clock_is_synchronized() == 1 ? "synchronized" : "unsynchronized").utf8)
  }
}
