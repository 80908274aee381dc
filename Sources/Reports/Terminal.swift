/// What a terminal may be shown of hostile text, and how wide that is.
public enum Terminal {
  /// `text` without control characters and without characters that reorder what is shown.
  public static func stripped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09: result.append(" ")
      case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Columns that `text` takes; East Asian wide characters take two.
  static func width(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + (isWide($1) ? 2 : 1) }
  }

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
      0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      true
    default: false
    }
  }

  /// `text` in lines of at most `width` columns; Chinese breaks anywhere, other text at spaces.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var columns = 0
    func flush() {
      lines.append(String(line.reversed().drop { $0 == " " }.reversed()))
      line = ""
      columns = 0
    }
    for word in pieces(text) {
      let size = width < 1 ? 0 : Terminal.width(word)
      if columns + size > width, columns > 0, word != " " { flush() }
      if word == " ", columns == 0 { continue }
      line += word
      columns += size
    }
    if !line.isEmpty { flush() }
    return lines
  }

  private static func pieces(_ text: String) -> [String] {
    var pieces: [String] = []
    var word = ""
    for character in text {
      let isBreak = character == " " || character == "\n"
      let wide = character.unicodeScalars.first.map(isWide) ?? false
      if isBreak || wide {
        if !word.isEmpty { pieces.append(word) }
        word = ""
        pieces.append(isBreak ? " " : String(character))
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { pieces.append(word) }
    return pieces
  }
}

/// Colours, or none.
struct Style: Sendable {
  let color: Bool

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func mark(_ text: String) -> String { wrap(text, "1;33") }
  func command(_ text: String) -> String { wrap(text, "36") }
  func critical(_ text: String) -> String { wrap(text, "1;31") }
  func warning(_ text: String) -> String { wrap(text, "1;33") }
  func good(_ text: String) -> String { wrap(text, "32") }

  private func wrap(_ text: String, _ code: String) -> String {
    color && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
