/// A question about a node that no file answers. All of them only read.
public enum Probe: Sendable, Hashable {
  /// How full the file system of a path is: `FileSystemUse.text`.
  ///
  /// - SeeAlso: statvfs(3)
  case fileSystem(String)
  /// Whether the kernel takes its clock for synchronised: `synchronized` or `unsynchronized`.
  ///
  /// - SeeAlso: adjtimex(2), STA_UNSYNC
  case clock
  /// The reply of a gRPC method without streams: its message. `request` is the encoded message.
  ///
  /// An error that the server names is `.failed("grpc CODE: MESSAGE")`; a socket that is there while nobody listens on
  /// it is `.failed(refused)`.
  /// - SeeAlso: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
  case call(socket: String, method: String, request: [UInt8])
  /// Whether a TCP connection to a host, a name or an address, can be made: the address that accepted it. No data is
  /// sent. Where none accepts, it fails with what they said.
  ///
  /// - SeeAlso: tcp(7)
  case connect(host: String, port: UInt16)
  /// What a command of `ReadOnlyCommand` prints.
  case command(ReadOnlyCommand)
  /// At most `length` bytes of a regular file from `offset` on; a negative offset counts from its end. This is the one
  /// question that a copied tree answers, too: a log may be too large to be read for its last line.
  case part(of: String, offset: Int, length: Int)

  /// Why a call fails where a socket was left behind; connect(2), ECONNREFUSED.
  public static let refused = "connection refused: nobody listens"

  /// A name that stays the same from version to version: bundles keep answers under it.
  public var name: String {
    switch self {
    case .fileSystem(let path): "statvfs \(path)"
    case .clock: "adjtimex"
    case .call(let socket, let method, let request):
      "grpc \(socket) \(method)" + (request.isEmpty ? "" : " " + request.map { String($0) }.joined(separator: "."))
    case .connect(let host, let port): "connect \(host) \(port)"
    case .command(let command): "run " + command.arguments.joined(separator: " ")
    case .part(let path, let offset, let length): "read \(path) \(offset) \(length)"
    }
  }

  /// Whether asking may send packets to other machines; `--network` allows it.
  public var leavesMachine: Bool {
    switch self {
    case .connect, .command(.resolve): true
    case .fileSystem, .clock, .call, .command(.unitStates), .command(.nftRules), .command(.legacyRules), .part: false
    }
  }
}

/// The commands that kdoctor may run on a live node, each because no file says the same. None of them changes anything.
public enum ReadOnlyCommand: Sendable, Hashable {
  /// What the resolver of this node makes of a name: `addresses(in:)`, none where it does not know the name; getent(1).
  case resolve(String)
  /// The state, the restarts and the last exit of systemd units; systemctl(1).
  case unitStates([String])
  /// The rules of the packet filter in the kernel, as nft(8) lists them. Asking loads the module nf_tables: only to be
  /// asked where it is loaded.
  case nftRules
  /// The rules of the older tables, as iptables-save(8) lists them; only to be asked where /proc/net/ip_tables_names
  /// names some, because naming a table loads its module.
  case legacyRules

  /// The addresses in what `resolve` prints, in its order.
  public static func addresses(in output: [UInt8]) -> [String] {
    var addresses: [String] = []
    for line in output.split(separator: 0x0a).prefix(256) {
      let address = String(decoding: line.prefix { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
      if !address.isEmpty, !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
  }

  /// The program and its arguments.
  public var arguments: [String] {
    switch self {
    case .resolve(let name): ["getent", "ahosts", "--", name]
    case .nftRules: ["nft", "--stateless", "list", "ruleset"]
    case .legacyRules: ["iptables-legacy-save"]
    case .unitStates(let units):
      [
        "systemctl", "show", "--no-pager",
        "--property=Id,LoadState,ActiveState,SubState,UnitFileState,NRestarts,Result,ExecMainStatus,NeedDaemonReload",
        "--",
      ] + units
    }
  }
}

/// How much of a file system is used.
public struct FileSystemUse: Sendable, Equatable {
  public let totalBytes: Double
  /// What an ordinary user may still use.
  public let availableBytes: Double
  public let usedBytes: Double
  /// 0 where the file system makes inodes as it needs them.
  public let totalInodes: Double
  public let freeInodes: Double

  public init(
    totalBytes: Double, availableBytes: Double, usedBytes: Double, totalInodes: Double, freeInodes: Double
  ) {
    self.totalBytes = totalBytes
    self.availableBytes = availableBytes
    self.usedBytes = usedBytes
    self.totalInodes = totalInodes
    self.freeInodes = freeInodes
  }

  /// Reads `text`; nil for anything else.
  public init?(text: String) {
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard numbers.count == 5 else { return nil }
    self.init(
      totalBytes: numbers[0], availableBytes: numbers[1], usedBytes: numbers[2], totalInodes: numbers[3],
      freeInodes: numbers[4])
  }

  /// The five numbers in the order of the properties.
  public var text: String {
    [totalBytes, availableBytes, usedBytes, totalInodes, freeInodes].map { String(UInt64(max(0, $0))) }
      .joined(separator: " ")
  }

  /// As df(1) counts it.
  public var usedPercent: Double {
    usedBytes + availableBytes > 0 ? 100 * usedBytes / (usedBytes + availableBytes) : 0
  }

  public var usedInodesPercent: Double { totalInodes > 0 ? 100 * (totalInodes - freeInodes) / totalInodes : 0 }
}
