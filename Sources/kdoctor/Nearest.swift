/// Finds what somebody meant who typed something else.
enum Nearest {
  /// Those of `names` that `word` is a slip of, or that contain it, at most three and the nearest first.
  static func names(to word: String, among names: [String]) -> [String] {
    let typed = Array(word.lowercased().prefix(64))
    let slips = names.map { (name: $0, distance: distance(typed, Array($0))) }
      .filter { $0.distance <= max(1, typed.count / 4) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.map(\.name)
    let longer = typed.count < 3 ? [] : names.filter { $0.contains(String(typed)) && !slips.contains($0) }
    return Array((slips + longer).prefix(3))
  }

  /// "; did you mean `a` or `b`?", or nothing.
  static func question(for word: String, among names: [String]) -> String {
    let found = self.names(to: word, among: names).map { "`\($0)`" }
    return found.isEmpty ? "" : "; did you mean \(found.joined(separator: " or "))?"
  }

  /// How many characters must be inserted, removed or replaced to make `b` of `a` (Levenshtein).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = i
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
