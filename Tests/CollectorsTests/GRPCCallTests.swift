import Foundation
import Glibc
import Model
import Testing

@testable import NodeAccess

/// A server that says prepared bytes to the first who connects.
private final class PreparedServer: Sendable {
  let path: String
  private let descriptor: Int32

  /// - Parameter speech: nil for a server that never accepts.
  init(_ speech: [UInt8]?) {
    path = NSTemporaryDirectory() + "kdoctor-\(UUID().uuidString.prefix(8)).sock"
    descriptor = Self.listen(path)
    guard let speech else { return }
    Thread.detachNewThread { [descriptor] in
      let peer = accept(descriptor, nil, nil)
      var request = [UInt8](repeating: 0, count: 4096)
      _ = recv(peer, &request, request.count, 0)
      _ = send(peer, speech, speech.count, Int32(MSG_NOSIGNAL))
      // What the client still says is taken, lest the connection be reset before it has read everything.
      shutdown(peer, Int32(SHUT_WR))
      while recv(peer, &request, request.count, 0) > 0 {}
      close(peer)
    }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  private static func listen(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    Glibc.listen(descriptor, 4)
    return descriptor
  }

  /// A socket that was left behind.
  static func leaveBehind() -> String {
    let path = NSTemporaryDirectory() + "kdoctor-\(UUID().uuidString.prefix(8)).sock"
    close(listen(path))
    return path
  }
}

@Suite struct GRPCCallTests {
  private static func frame(_ type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), type, flags, 0, 0, 0, stream] + payload
  }

  /// Headers as literals without an index and without Huffman's code; RFC 7541, 6.2.2.
  private static func headers(_ pairs: [(String, String)], end: Bool) -> [UInt8] {
    func literal(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    var block: [UInt8] = []
    for (name, value) in pairs { block += [0] + literal(name) + literal(value) }
    return frame(1, flags: end ? 5 : 4, stream: 1, block)
  }

  private static let settings = frame(4, flags: 0, stream: 0, [])
  private static let ok = headers([(":status", "200"), ("content-type", "application/grpc")], end: false)

  private static func data(_ bytes: [UInt8]) -> [UInt8] { frame(0, flags: 0, stream: 1, bytes) }

  private func reply(_ speech: [UInt8]) -> Result<[UInt8], ReadError> {
    let server = PreparedServer(speech)
    defer { withExtendedLifetime(server) {} }
    do throws(ReadError) {
      return .success(try GRPCCall.reply(from: server.path, to: "/a.B/C", request: [1, 2]))
    } catch {
      return .failure(error)
    }
  }

  private func words(_ speech: [UInt8]) -> String {
    if case .failure(let error) = reply(speech) { error.description } else { "an answer" }
  }

  @Test func readsAReplyWithTrailers() throws {
    let end = Self.headers([("grpc-status", "0")], end: true)
    let parts = Self.data([0, 0, 0, 0, 3]) + Self.data([7, 8, 9])
    #expect(try reply(Self.settings + Self.ok + parts + end).get() == [7, 8, 9])
    #expect(try reply(Self.settings + Self.ok + Self.data([0, 0, 0, 0, 0]) + end).get().isEmpty)
  }

  @Test func readsErrorsFromHeadersAndTrailers() {
    let error = [("grpc-status", "12"), ("grpc-message", "unknown service%3A a.B %C3%A9 %zz %")]
    let alone = Self.headers([(":status", "200")] + error, end: true)
    #expect(words(Self.settings + alone) == "grpc 12: unknown service: a.B é %zz %")
    let after = Self.headers(error, end: true)
    #expect(words(Self.settings + Self.ok + after).hasPrefix("grpc 12: unknown service"))
  }

  @Test func saysWhatIsNoAnswer() {
    let end = Self.headers([("grpc-status", "0")], end: true)
    let start = Self.settings + Self.ok
    #expect(words(start + Self.data([0, 0, 0, 0, 9, 1]) + end).contains("no single"))
    #expect(words(start + Self.data([1, 0, 0, 0, 1, 1]) + end).contains("no single"))
    #expect(words(start + Self.data([0, 0xff, 0xff, 0xff, 0xff]) + end).contains("no single"))
    #expect(words(start + end).contains("no single"))
    #expect(words(start).contains("without an answer") || words(start).contains("no grpc-status"))
    #expect(words([]).contains("without an answer"))
    #expect(words(Self.settings + Self.headers([(":status", "503")], end: true)) == "HTTP status 503")
    let reset = Self.settings + Self.frame(3, flags: 0, stream: 1, [0, 0, 0, 7])
    #expect(words(reset).contains("REFUSED_STREAM"))
    #expect(words(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) != "an answer")
    #expect(words([UInt8](repeating: 0xff, count: 5000)) != "an answer")
  }

  /// A hostile server costs the call and nothing else.
  @Test func survivesDamage() throws {
    let end = Self.headers([("grpc-status", "0")], end: true)
    let speech = Self.settings + Self.ok + Self.data([0, 0, 0, 0, 2, 5, 6]) + end
    var state: UInt64 = 3
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var answers = 0
    for _ in 0..<3000 {
      var damaged = speech
      for _ in 0...random(3) { damaged[random(damaged.count)] = UInt8(random(256)) }
      let exchange = try GRPCExchange(method: "/a.B/C", request: [1])
      _ = try exchange.output()
      let cut = random(damaged.count)
      do throws(ReadError) {
        try exchange.take(Array(damaged[..<cut]))
        _ = try exchange.output()
        try exchange.take(Array(damaged[cut...]))
        _ = try exchange.reply()
        answers += 1
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    #expect(answers > 0)
  }

  @Test func tellsWhyNobodyAnswers() {
    func error(_ path: String, limit: Double = 3) -> ReadError? {
      do throws(ReadError) {
        _ = try GRPCCall.reply(from: path, to: "/a.B/C", request: [], limit: limit)
        return nil
      } catch {
        return error
      }
    }
    #expect(error("/nonexistent/x.sock")?.description == ReadError.absent.description)
    let left = PreparedServer.leaveBehind()
    defer { unlink(left) }
    #expect(error(left)?.description == Probe.refused)
    #expect(error("/" + String(repeating: "x", count: 200))?.description.contains("too long") == true)
    #expect(error(NSTemporaryDirectory()) != nil)
    let frozen = PreparedServer(nil)
    let began = ContinuousClock.now
    for _ in 0..<8 {
      #expect(error(frozen.path, limit: 0.2)?.description == ReadError.timedOut(seconds: 0.2).description)
    }
    #expect(ContinuousClock.now - began < .seconds(10))
  }
}
