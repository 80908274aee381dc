import Model

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

  /// A fix: what it does, what it interrupts, its commands and how to check that it worked.
  mutating func fix(_ fix: FilledFix, _ words: Words, withUndo: Bool) {
    heading(words.say("Fix: ", "修复：") + fix.title[words.language])
    if !fix.commands.isEmpty {
      line("    " + style.dim("# " + words.risk(fix.risk)))
      for command in fix.commands { code(style.command, command) }
      line("")
    }
    if !fix.verify.isEmpty {
      line("    " + style.dim("# " + words.say("check that it worked", "确认已修复")))
      for command in fix.verify { code(style.command, command) }
      line("")
    }
    if !fix.undo.isEmpty, withUndo {
      line("    " + style.dim("# " + words.say("to take it back", "撤销")))
      for command in fix.undo { code(style.command, command) }
      line("")
    }
  }
}
