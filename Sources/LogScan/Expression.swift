/// The small language work between what a rule says and what the engines read.
public enum Expression {
  /// The expression that matches `literal` and nothing else.
  public static func escaped(_ literal: String) -> String {
    var result = ""
    for character in literal {
      if #"\^$.|?*+()[]{}"#.contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  /// Prepares an expression for raw log lines.
  ///
  /// A quote matches at any depth of escaping, because errors are quoted inside errors (`err=\"...\\\"...\"`); a
  /// negated class never runs over the end of a line, because whole blocks are scanned.
  public static func prepared(_ expression: String) -> String {
    var result = ""
    var isEscaped = false
    var isInClass = false
    var previous: Character?
    for character in expression {
      defer { previous = character }
      if isEscaped {
        isEscaped = false
        result.append(character)
        continue
      }
      switch character {
      case "\\": isEscaped = true
      case "[" where !isInClass: isInClass = true
      case "]" where isInClass && previous != "[": isInClass = false
      case "\"" where !isInClass:
        result.append(#"\\*""#)
        continue
      case "^" where isInClass && previous == "[":
        result.append(#"^\n"#)
        continue
      default: break
      }
      result.append(character)
    }
    return result
  }
}
