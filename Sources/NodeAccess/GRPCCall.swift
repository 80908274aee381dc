import CNGHTTP2
import Glibc
import Model

/// One call of a gRPC method without streams over a local socket.
///
/// - SeeAlso: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
enum GRPCCall {
  /// The message that the server replies with.
  ///
  /// - Parameters:
  ///   - method: `/package.Service/Method`.
  ///   - limit: seconds for all of it.
  /// - Throws: what `Probe.call` promises.
  static func reply(
    from socket: String, to method: String, request: [UInt8], limit: Double = 3
  ) throws(ReadError) -> [UInt8] {
    let stream = try LocalStream(socket, limit: limit)
    let exchange = try GRPCExchange(method: method, request: request)
    while !exchange.isOver {
      try stream.send(try exchange.output())
      guard let bytes = try stream.receive() else { break }
      try exchange.take(bytes)
    }
    return try exchange.reply()
  }
}

/// The HTTP/2 side of a call: bytes to send, bytes received, and what they came to.
final class GRPCExchange {
  private static let replyLimit = 4 << 20
  private static let headerLimit = 8 << 10

  private var session: OpaquePointer?
  private var stream: Int32 = -1
  private var body: [UInt8]
  private var bodySent = 0
  private var received: [UInt8] = []
  private var headers: [String: [UInt8]] = [:]
  private var failure: ReadError?
  /// Whether the server has said all that it will say.
  private(set) var isOver = false

  init(method: String, request: [UInt8]) throws(ReadError) {
    // A byte that says "not compressed", then the length, most significant byte first.
    body = [0] + (0..<4).map { UInt8(truncatingIfNeeded: request.count >> (24 - 8 * $0)) } + request
    var callbacks: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0 else { throw .failed("no memory for HTTP/2") }
    defer { nghttp2_session_callbacks_del(callbacks) }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, context in
      guard let exchange = GRPCExchange.of(context), frame?.pointee.hd.stream_id == exchange.stream else { return 0 }
      exchange.header(
        UnsafeBufferPointer(start: name, count: nameCount), UnsafeBufferPointer(start: value, count: valueCount))
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, _, data, count, context in
      let isKept = GRPCExchange.of(context)?.data(UnsafeBufferPointer(start: data, count: count)) ?? false
      return isKept ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
      GRPCExchange.of(context)?.closed(stream, code)
      return 0
    }
    // The session lives in this object and is freed with it: it never sees a stale pointer.
    let context = Unmanaged.passUnretained(self).toOpaque()
    guard nghttp2_session_client_new(&session, callbacks, context) == 0,
      nghttp2_submit_settings(session, 0, nil, 0) == 0
    else { throw .failed("no memory for HTTP/2") }
    stream = submit([
      (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "localhost"),
      ("content-type", "application/grpc"), ("te", "trailers"), ("user-agent", "kdoctor"),
    ])
    guard stream > 0 else { throw .failed(String(cString: nghttp2_strerror(stream))) }
  }

  deinit { nghttp2_session_del(session) }

  private static func of(_ context: UnsafeMutableRawPointer?) -> GRPCExchange? {
    context.map { Unmanaged<GRPCExchange>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The id of the new stream, or a negative error.
  private func submit(_ headers: [(name: String, value: String)]) -> Int32 {
    var text = headers.flatMap { Array($0.name.utf8) + Array($0.value.utf8) }
    var provider = nghttp2_data_provider()
    provider.read_callback = { _, _, buffer, room, flags, _, context in
      guard let exchange = GRPCExchange.of(context), let buffer, let flags else {
        return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
      }
      let part = exchange.body.dropFirst(exchange.bodySent).prefix(room)
      exchange.bodySent += part.count
      UnsafeMutableRawBufferPointer(start: buffer, count: room).copyBytes(from: part)
      if exchange.bodySent == exchange.body.count { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
      return part.count
    }
    return text.withUnsafeMutableBufferPointer { room in
      guard var place = room.baseAddress else { return NGHTTP2_ERR_NOMEM.rawValue }
      let pairs = headers.map { name, value in
        let pair = nghttp2_nv(
          name: place, value: place + name.utf8.count, namelen: name.utf8.count, valuelen: value.utf8.count, flags: 0)
        place += name.utf8.count + value.utf8.count
        return pair
      }
      return nghttp2_submit_request(session, nil, pairs, pairs.count, &provider, nil)
    }
  }

  // MARK: - Bytes

  /// What has to be sent now.
  func output() throws(ReadError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      var chunk: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &chunk)
      guard count >= 0 else { throw .failed("HTTP/2: " + String(cString: nghttp2_strerror(Int32(clamping: count)))) }
      if count == 0 { return bytes }
      bytes += UnsafeBufferPointer(start: chunk, count: count)
    }
  }

  /// Takes what was received.
  func take(_ bytes: [UInt8]) throws(ReadError) {
    let count = nghttp2_session_mem_recv(session, bytes, bytes.count)
    if let failure { throw failure }
    guard count >= 0 else {
      throw .malformed("the server speaks no HTTP/2: " + String(cString: nghttp2_strerror(Int32(clamping: count))))
    }
    // After a breach of the protocol the library only wants to say goodbye.
    if nghttp2_session_want_read(session) == 0 { isOver = true }
  }

  private func header(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
    let name = String(decoding: name, as: UTF8.self)
    guard [":status", "grpc-status", "grpc-message"].contains(name) else { return }
    headers[name] = Array(value.prefix(Self.headerLimit))
  }

  private func data(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard received.count + bytes.count <= Self.replyLimit else {
      failure = .malformed("the reply is larger than \(Self.replyLimit) bytes")
      return false
    }
    received += bytes
    return true
  }

  private func closed(_ id: Int32, _ code: UInt32) {
    guard id == stream else { return }
    isOver = true
    if code != 0, headers["grpc-status"] == nil {
      failure = .failed("HTTP/2: " + String(cString: nghttp2_http2_strerror(code)))
    }
  }

  // MARK: - The outcome

  /// The message that was received, or the error that the server names.
  func reply() throws(ReadError) -> [UInt8] {
    if let failure { throw failure }
    guard let status = headers["grpc-status"].flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else {
      let http = headers[":status"].map { String(decoding: $0, as: UTF8.self) }
      switch http {
      case nil: throw .failed("the server ended the connection without an answer")
      case "200": throw .failed("the answer has no grpc-status")
      case let http?: throw .failed("HTTP status \(http)")
      }
    }
    guard status == 0 else {
      throw .failed("grpc \(status): " + Self.unescaped(headers["grpc-message"] ?? []))
    }
    let length = received.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard received.count >= 5, received[0] == 0, length == received.count - 5 else {
      throw .malformed("the reply is no single, uncompressed message")
    }
    return Array(received.dropFirst(5))
  }

  /// Without the percent-encoding that gRPC gives to messages.
  static func unescaped(_ bytes: [UInt8]) -> String {
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), bytes.count - index > 2,
        let code = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        plain.append(code)
        index += 3
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
