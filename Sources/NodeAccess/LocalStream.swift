import Glibc
import Model

/// A connection to a local socket on which nothing waits longer than a deadline.
///
/// - SeeAlso: unix(7)
struct LocalStream: ~Copyable {
  private let descriptor: Int32
  private let deadline: ContinuousClock.Instant
  private let limit: Double

  /// Connects.
  ///
  /// - Parameter limit: seconds, for all that happens on the connection.
  /// - Throws: `.absent` where no socket is, `.failed(Probe.refused)` where nobody listens on it.
  init(_ path: String, limit: Double) throws(ReadError) {
    self.limit = limit
    deadline = .now + .milliseconds(Int(limit * 1000))
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .failed(String(cString: strerror(errno))) }
    try connect(path)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private func connect(_ path: String) throws(ReadError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard bytes.count < room.count else { return false }
      room.copyBytes(from: bytes)
      return true
    }
    guard fits else { throw .failed("the path of the socket is too long") }
    while true {
      let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if status == 0 { return }
      switch errno {
      case EISCONN: return
      case EINTR: continue
      case EAGAIN:
        // The queue of a server that accepts nobody is full; a local socket does not say when that ends.
        guard millisecondsLeft > 0 else { throw .timedOut(seconds: limit) }
        usleep(20_000)
      case ENOENT, ENOTDIR: throw .absent
      case EACCES, EPERM: throw .denied
      case ECONNREFUSED: throw .failed(Probe.refused)
      case let code: throw .failed(String(cString: strerror(code)))
      }
    }
  }

  /// Sends all of `bytes`.
  func send(_ bytes: [UInt8]) throws(ReadError) {
    var sent = 0
    while sent < bytes.count {
      // MSG_NOSIGNAL: a server that hangs up must not end this process.
      let count = bytes.withUnsafeBytes { raw in
        Glibc.send(descriptor, raw.baseAddress.map { $0 + sent }, raw.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(for: POLLOUT)
      } else if errno != EINTR {
        throw .failed("the server ended the connection: " + String(cString: strerror(errno)))
      }
    }
  }

  /// Waits for what comes next; nil at the end of the stream.
  func receive() throws(ReadError) -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      try wait(for: POLLIN)
      let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count > 0 { return Array(chunk[..<count]) }
      if count == 0 { return nil }
      if errno != EAGAIN, errno != EINTR {
        throw .failed("the server ended the connection: " + String(cString: strerror(errno)))
      }
    }
  }

  private func wait(for events: Int32) throws(ReadError) {
    while true {
      let left = millisecondsLeft
      guard left > 0 else { throw .timedOut(seconds: limit) }
      var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let ready = poll(&wanted, 1, left)
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .failed(String(cString: strerror(errno))) }
    }
  }

  private var millisecondsLeft: Int32 {
    let left = (deadline - .now).components
    let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
    return Int32(clamping: max(0, milliseconds))
  }
}
