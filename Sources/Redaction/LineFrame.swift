/// What log formats put around a message, so that a text over several lines is found below any of them.
struct LineFrame {
  /// The message.
  let content: Range<Int>
  /// Who wrote it: lines of several writers take turns in one log.
  let writer: Range<Int>
  /// Whether the message goes on in the next line of its writer.
  let isPartial: Bool
}

extension Text {
  /// The frame of a line; nil where it has none.
  func frame(of line: Range<Int>) -> LineFrame? {
    guard line.count > 16 else { return nil }
    let first = self[line.lowerBound]
    if first == 123 { return dockerFrame(line) }
    if first.isDigit { return criFrame(line) ?? syslogFrame(line) }
    return first.isUpper ? syslogFrame(line) : nil
  }

  /// `2026-11-25T10:00:00.0Z stderr F message`.
  ///
  /// - SeeAlso: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
  private func criFrame(_ line: Range<Int>) -> LineFrame? {
    guard let blank = find(32, from: line.lowerBound, to: min(line.upperBound, line.lowerBound + 40)),
      has("stdout ", at: blank + 1) || has("stderr ", at: blank + 1)
    else { return nil }
    let tag = self[blank + 8]
    guard tag == UInt8(ascii: "F") || tag == UInt8(ascii: "P"), self[blank + 9] == 32 else { return nil }
    return LineFrame(
      content: blank + 10..<line.upperBound, writer: blank + 1..<blank + 7, isPartial: tag == UInt8(ascii: "P"))
  }

  /// `{"log":"message\n","stream":"stderr","time":"…"}` of Docker's json-file driver.
  private func dockerFrame(_ line: Range<Int>) -> LineFrame? {
    guard has("{\"log\":", at: line.lowerBound) else { return nil }
    let quote = skipBlanks(line.lowerBound + 7, to: line.upperBound)
    guard self[quote] == 34 else { return nil }
    var end = quote + 1
    while end < line.upperBound, self[end] != 34 { end += self[end] == 92 ? 2 : 1 }
    guard end < line.upperBound, contains("stream", in: end..<min(line.upperBound, end + 16)) else { return nil }
    let isWhole = has("\\n", at: end - 2)
    return LineFrame(
      content: quote + 1..<(isWhole ? end - 2 : end), writer: end..<min(line.upperBound, end + 20), isPartial: !isWhole)
  }

  /// `Nov 25 10:00:00 node-1 kubelet[812]: message`, or with a time of ISO 8601.
  private func syslogFrame(_ line: Range<Int>) -> LineFrame? {
    let start = line.lowerBound
    var position: Int
    if self[start].isDigit {
      guard self[start + 4] == 45, let blank = find(32, from: start, to: min(line.upperBound, start + 40)) else {
        return nil
      }
      position = blank + 1
    } else {
      guard self[start + 3] == 32, self[start + 6] == 32, self[start + 9] == 58, self[start + 12] == 58,
        self[start + 15] == 32
      else { return nil }
      position = start + 16
    }
    guard let blank = find(32, from: position, to: min(line.upperBound, position + 256)) else { return nil }
    position = blank + 1
    let end = run(from: position, to: min(line.upperBound, position + 128)) { !$0.isSpace && $0 != 58 && $0 != 34 }
    guard end > position, self[end] == 58, self[end + 1] == 32 else { return nil }
    return LineFrame(content: end + 2..<line.upperBound, writer: position..<end, isPartial: false)
  }
}
