import Testing

@testable import Bundles

@Suite struct ProtobufTextsTests {
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var size: [UInt8] = []
    var count = bytes.count
    while count >= 0x80 {
      size.append(UInt8(count & 0x7f) | 0x80)
      count >>= 7
    }
    return [number << 3 | 2] + size + [UInt8(count)] + bytes
  }

  private func hide(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).replacing("secret", with: "(hidden)").utf8)
  }

  @Test func textsChangeAndTheRestStays() {
    let json = #"{"auth": "secret", "pad": ""# + String(repeating: "x", count: 200) + #""}"#
    func message(_ text: String) -> [UInt8] {
      let entry = field(1, Array("config".utf8)) + field(2, Array(text.utf8))
      return field(1, field(1, field(1, Array("RuntimeReady".utf8)) + [0x10, 0x01])) + field(2, entry)
    }
    #expect(ProtobufTexts.rewritten(message(json), change: hide) == message(json.replacing("secret", with: "(hidden)")))
    #expect(ProtobufTexts.rewritten(message(json)) { $0 } == message(json))
  }

  @Test(arguments: [[0xff], [0x0a], [0x0a, 0x05, 0x61], [0x07], [0x00, 0x01], [0x09, 0x01]] as [[UInt8]])
  func whatIsNoMessageIsRefused(_ bytes: [UInt8]) {
    #expect(ProtobufTexts.rewritten(bytes) { $0 } == nil)
  }
}
