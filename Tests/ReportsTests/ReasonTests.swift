import Model
import Testing

@testable import Reports

@Suite struct ReasonTests {
  @Test(arguments: [
    ReadError.absent, .notCaptured, .denied, .timedOut(seconds: 5), .interrupted, .notAsked, .empty,
    .malformed("is no text"), .malformed("is larger than 1048576 bytes"), .failed("is no regular file"),
  ]) func everyReasonIsInChinese(_ error: ReadError) {
    let text = Words(language: .zh).reason(error)
    #expect(text.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) }, "\(text)")
    #expect(Words(language: .en).reason(error) == error.description)
  }

  @Test func numbersStayAndWhatOthersSayIsNotTranslated() {
    let words = Words(language: .zh)
    #expect(words.reason(.malformed("is larger than 42 bytes")) == "超过 42 字节")
    #expect(words.reason(.failed("line 3: \u{1b}[31mbad")) == "line 3: [31mbad")
  }

  @Test func anEmptyListIsSaidToBeEmpty() {
    let fact = Fact(key: "network.defaultRoutes", value: .list([]), source: "/proc/net/route")
    #expect(Words(language: .en).value(fact) == "none")
    #expect(Words(language: .zh).value(Fact(key: "a.b", value: nil, source: "/x")) == "不存在")
  }
}
