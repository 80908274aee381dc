import Glibc
import Model

/// An attempt to connect to a TCP port, after which the connection is closed at once: no data is sent.
///
/// - SeeAlso: tcp(7), connect(2)
enum TCPConnection {
  /// Seconds for the connection, once the addresses are known.
  static let limit = 3.0

  /// The address that accepted the connection; all of a host's are tried at once, two of each family.
  ///
  /// - Throws: `.timedOut` where one did not answer, `.failed` with what each said where all refused.
  static func attempt(_ host: String, _ port: UInt16) throws(ReadError) -> [UInt8] {
    var addresses = [host]
    if Address(host, port) == nil { addresses = ReadOnlyCommand.addresses(in: try DirectorySource.resolve(host)) }
    let known = addresses.compactMap { text in Address(text, port).map { (text, $0) } }
    let tried = known.filter { $0.1.isIPv4 }.prefix(2) + known.filter { !$0.1.isIPv4 }.prefix(2)
    guard !tried.isEmpty else { throw .failed("the name cannot be resolved") }
    var refusals: [String] = []
    var pending: [(text: String, descriptor: Int32)] = []
    defer { for attempt in pending { close(attempt.descriptor) } }
    for (text, address) in tried {
      let descriptor = socket(
        address.isIPv4 ? AF_INET : AF_INET6,
        Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
      guard descriptor >= 0 else {
        refusals.append(reason(text, errno))
        continue
      }
      pending.append((text, descriptor))
      if address.connect(descriptor) == 0 { return Array(text.utf8) }
      if errno != EINPROGRESS {
        refusals.append(reason(text, errno))
        close(pending.removeLast().descriptor)
      }
    }
    let deadline = ContinuousClock.now + .milliseconds(Int(limit * 1000))
    while !pending.isEmpty {
      var wanted = pending.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
      let left = (deadline - .now).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      guard milliseconds > 0 else { throw .timedOut(seconds: limit) }
      let ready = poll(&wanted, nfds_t(wanted.count), Int32(clamping: milliseconds))
      if ready < 0, errno != EINTR { throw .failed(String(cString: strerror(errno))) }
      if ready <= 0 { continue }
      for index in pending.indices.reversed() where wanted[index].revents != 0 {
        let code = outcome(pending[index].descriptor)
        if code == 0 { return Array(pending[index].text.utf8) }
        refusals.append(reason(pending[index].text, code))
        close(pending.remove(at: index).descriptor)
      }
    }
    throw .failed(refusals.joined(separator: ", "))
  }

  /// What became of a connection, as a number of errno(3).
  private static func outcome(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
  }

  private static func reason(_ address: String, _ code: Int32) -> String {
    "\(address): \(String(cString: strerror(code)).lowercased())"
  }
}

/// An address and a port, as connect(2) takes them.
private enum Address {
  case four(sockaddr_in)
  case six(sockaddr_in6)

  /// Nil where `text` is no numeric address.
  init?(_ text: String, _ port: UInt16) {
    var four = sockaddr_in()
    var six = sockaddr_in6()
    if inet_pton(AF_INET, text, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      self = .four(four)
    } else if inet_pton(AF_INET6, text, &six.sin6_addr) == 1 {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      self = .six(six)
    } else {
      return nil
    }
  }

  var isIPv4: Bool { if case .four = self { true } else { false } }

  /// As connect(2).
  func connect(_ descriptor: Int32) -> Int32 {
    func call<Socket>(_ address: Socket) -> Int32 {
      withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Socket>.size))
        }
      }
    }
    switch self {
    case .four(let address): return call(address)
    case .six(let address): return call(address)
    }
  }
}
