/// The kernel's tables below `/proc/net`.
///
/// - SeeAlso: proc_pid_net(5)
enum ProcNet {
  /// The addresses that `fib_trie` marks as the host's own.
  static func localAddresses(fibTrie text: String) -> [IPAddress] {
    var addresses: [IPAddress] = []
    var last: IPAddress?
    for line in numberedLines(text) {
      let fields = line.fields
      if fields.count >= 2, fields[0] == "|--" || fields[0] == "+--" {
        last = fields[0] == "|--" ? IPAddress(fields[1]) : nil
      } else if let address = last, fields.count >= 3, fields[0] == "/32", fields[1] == "host", fields[2] == "LOCAL" {
        addresses.append(address)
      }
    }
    return addresses.distinct
  }

  /// The addresses of `if_inet6`, each with its interface.
  static func addresses(ifInet6 text: String) -> [(address: IPAddress, interface: String)] {
    numberedLines(text).compactMap { line in
      let fields = line.fields
      guard fields.count >= 6, let bytes = hexBytes(fields[0]), bytes.count == 16, let address = IPAddress(bytes: bytes)
      else { return nil }
      return (address, fields[5])
    }
  }

  /// A line of the main routing table.
  struct Route: Sendable, Equatable {
    let network: IPNetwork
    let gateway: IPAddress?
    let interface: String
    let line: Int

    var isDefault: Bool { network.length == 0 }

    /// The route as ip-route(8) prints it.
    var text: String {
      (isDefault ? "default" : network.description) + (gateway.map { " via \($0)" } ?? "") + " dev \(interface)"
    }
  }

  /// The usable routes of `route`: up (`RTF_UP`) and not rejecting (`RTF_REJECT`).
  static func routes(route text: String) -> [Route] {
    numberedLines(text).compactMap { line in
      let fields = line.fields
      guard fields.count >= 8, let flags = UInt32(fields[3], radix: 16), flags & 0x1 != 0, flags & 0x200 == 0,
        let destination = hostOrder(fields[1]), let gateway = hostOrder(fields[2]), let mask = hostOrder(fields[7]),
        let network = IPNetwork(destination, length: mask.bytes.reduce(0) { $0 + $1.nonzeroBitCount })
      else { return nil }
      return Route(
        network: network, gateway: gateway.isUnspecified ? nil : gateway, interface: fields[0], line: line.number)
    }
  }

  /// The usable routes of `ipv6_route`, those of the loopback interface left out.
  static func routes(ipv6Route text: String) -> [Route] {
    numberedLines(text).compactMap { line in
      let fields = line.fields
      guard fields.count >= 10, fields[9] != "lo", let flags = UInt32(fields[8], radix: 16), flags & 0x1 != 0,
        flags & 0x200 == 0, let bytes = hexBytes(fields[0]), bytes.count == 16, let address = IPAddress(bytes: bytes),
        let length = Int(fields[1], radix: 16), let network = IPNetwork(address, length: length),
        let gatewayBytes = hexBytes(fields[4]), let gateway = IPAddress(bytes: gatewayBytes)
      else { return nil }
      return Route(
        network: network, gateway: gateway.isUnspecified ? nil : gateway, interface: fields[9], line: line.number)
    }
  }

  /// `address:port` of each listening socket of `tcp` or `tcp6`.
  static func listeners(tcp text: String) -> [String] {
    numberedLines(text).compactMap { line in
      let fields = line.fields
      guard fields.count >= 4, fields[3] == "0A" else { return nil }
      let parts = fields[1].split(separator: ":")
      guard parts.count == 2, let port = UInt16(parts[1], radix: 16), let raw = hexBytes(String(parts[0])),
        raw.count == 4 || raw.count == 16
      else { return nil }
      var bytes: [UInt8] = []
      for word in stride(from: 0, to: raw.count, by: 4) { bytes += raw[word..<word + 4].reversed() }
      guard let address = IPAddress(bytes: bytes) else { return nil }
      return address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }.distinct
  }

  /// An IPv4 address as `route` prints it: a word in the byte order of a little-endian host.
  private static func hostOrder(_ text: String) -> IPAddress? {
    guard let bytes = hexBytes(text), bytes.count == 4 else { return nil }
    return IPAddress(bytes: bytes.reversed())
  }

  private static func hexBytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.prefix(33).map { byte in
      UInt8(truncatingIfNeeded: Character(UnicodeScalar(byte)).hexDigitValue ?? 255)
    }
    guard digits.count % 2 == 0, digits.count <= 32, !digits.contains(255) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
