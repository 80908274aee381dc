import Model

/// Turns a diagnosis into text.
public protocol Reporter: Sendable {
  func report(_ report: Report, in language: Language) -> String
}

/// The forms of a report.
public enum ReportFormat: String, Sendable, CaseIterable {
  case text, json, markdown

  /// The reporter of this form.
  public func reporter(color: Bool, width: Int, verbose: Bool) -> any Reporter {
    switch self {
    case .text: TextReporter(style: Style(color: color), width: width, isVerbose: verbose)
    case .json: JSONReporter()
    case .markdown: MarkdownReporter()
    }
  }
}
