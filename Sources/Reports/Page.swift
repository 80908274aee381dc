/// A text that grows line by line.
struct Page {
  let style: Style
  let width: Int
  private(set) var text = ""

  init(style: Style, width: Int) {
    self.style = style
    self.width = width
  }

  mutating func line(_ line: String) { text += line + "\n" }

  mutating func heading(_ heading: String) { paragraph(style.bold, heading, indent: 2) }

  /// Wraps `body` to the page; `first` goes before the first line and the rest aligns with it.
  mutating func paragraph(
    _ paint: (String) -> String, _ body: String, indent: Int = 0, first: String = "", firstWidth: Int = 0
  ) {
    let lines = Terminal.wrapped(body, width: width - indent - firstWidth)
    for (index, text) in lines.enumerated() {
      let lead = index == 0 ? first : String(repeating: " ", count: firstWidth)
      line(String(repeating: " ", count: indent) + lead + paint(text))
    }
  }

  /// A command as it is to be pasted: never wrapped.
  mutating func code(_ paint: (String) -> String, _ command: String) {
    for part in command.split(separator: "\n", omittingEmptySubsequences: false) { line("    " + paint(String(part))) }
  }
}
