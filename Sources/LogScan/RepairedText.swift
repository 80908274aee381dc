/// A second reading of a small input, with the damage of pasting undone.
///
/// Colours, quotes, entities and typographic quotes go; a line that looks like the rest of the one before it is joined
/// to that, once with and once without a space, because a hard wrap falls between words or inside one.
public struct RepairedText {
  public private(set) var bytes: [UInt8] = []
  /// For each line of `bytes`, the line of the input where it began, counted from 1.
  public private(set) var lineNumbers: [Int] = []

  /// A paragraph is not joined beyond this.
  private static let joinLimit = 12

  public init(of input: [UInt8]) {
    let lines = input.split(separator: 0x0a, omittingEmptySubsequences: false)
      .map { Self.cleaned(String(decoding: $0, as: UTF8.self)) }
    var index = 0
    var unit = Substring()
    while index < lines.count {
      append(lines[index], from: index)
      unit = Self.unit(ofStatus: lines[index]) ?? unit
      // `systemctl status` names the unit lines before its state.
      if !unit.isEmpty, lines[index].drop(while: { $0 == " " }).hasPrefix("Active: ") {
        append(unit + ": " + lines[index].drop { $0 == " " }, from: index)
        unit = ""
      }
      var tight = lines[index]
      var loose = lines[index]
      var next = index + 1
      while next < lines.count, next - index < Self.joinLimit,
        Self.isContinuation(lines[next], of: lines[next - 1], head: lines[index])
      {
        let rest = lines[next].drop { $0 == " " || $0 == "\t" }
        tight += rest
        loose += " " + rest
        next += 1
      }
      if next > index + 1 {
        append(tight, from: index)
        append(loose, from: index)
      }
      index += 1
    }
  }

  /// The unit of `● kubelet.service - kubelet: The Kubernetes Node Agent`.
  ///
  /// - SeeAlso: systemctl(1), status
  private static func unit(ofStatus line: String) -> Substring? {
    let words = line.split(separator: " ", maxSplits: 3)
    guard words.count >= 2, ["●", "○", "×", "*", "x", "â—"].contains(words[0]), words[1].hasSuffix(".service") else {
      return nil
    }
    return words[1]
  }

  private mutating func append(_ line: some StringProtocol, from index: Int) {
    bytes.append(contentsOf: line.utf8)
    bytes.append(0x0a)
    lineNumbers.append(index + 1)
  }

  /// Whether `line` can be the rest of `previous`, in a paragraph that begins with `head`.
  ///
  /// It has no header of its own, and `previous` is about as wide as the wrap; what is indented may follow sooner.
  private static func isContinuation(_ line: String, of previous: String, head: String) -> Bool {
    let trimmed = line.drop { $0 == " " || $0 == "\t" }
    guard !trimmed.isEmpty, !starts.contains(where: trimmed.hasPrefix) else { return false }
    let isIndented = trimmed.count < line.count
    let width = head.utf8.count
    guard (isIndented ? 30...400 : 50...250).contains(width), previous.utf8.count + (isIndented ? 400 : 25) >= width
    else { return false }
    return !Envelope.parse(Array(line.utf8)[...]).isRecognized
  }

  /// What begins a message of its own although it has no time.
  private static let starts = [
    "[", "error execution", "Error:", "ERROR", "FATA", "WARN", "INFO", "Warning", "Normal", "Failed to ", "E:", "W:",
    "Hit:", "Get:", "Ign:", "Err:", "==>", "- ", "* ", "#", "$ ",
  ]

  /// `line` without the `#6 1.692 ` that docker build writes before what a step prints.
  private static func withoutBuildStep(_ line: Substring) -> Substring {
    guard line.first == "#" else { return line }
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, Int(words[0].dropFirst()) != nil, words[1].contains("."), Double(words[1]) != nil else {
      return line
    }
    return words[2]
  }

  /// `line` without colours, quote marks, entities, typographic quotes and a carriage return.
  private static func cleaned(_ line: String) -> String {
    var text = ""
    var rest = Substring(line)
    while let next = rest.first {
      rest = rest.dropFirst()
      switch next {
      case "\u{1b}" where rest.first == "[":
        rest = rest.dropFirst().drop { $0.isNumber || $0 == ";" || $0 == "?" }.dropFirst()
      case "“", "”", "„", "＂": text.append("\"")
      case "‘", "’": text.append("'")
      case "\u{a0}": text.append(" ")
      case "\r", "\r\n", "\0": break
      case "&":
        let entities = [("quot;", "\""), ("gt;", ">"), ("lt;", "<"), ("amp;", "&"), ("#39;", "'"), ("#34;", "\"")]
        if let (name, value) = entities.first(where: { rest.hasPrefix($0.0) }) {
          text.append(value)
          rest = rest.dropFirst(name.count)
        } else {
          text.append(next)
        }
      default: text.append(next)
      }
    }
    var lead = text.drop { $0 == " " || $0 == "\t" }
    while lead.hasPrefix("> ") { lead = lead.dropFirst(2) }
    return String(withoutBuildStep(lead))
  }
}
