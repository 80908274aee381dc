/// One mounted file system.
///
/// - SeeAlso: proc_pid_mountinfo(5)
struct Mount: Sendable, Equatable {
  let point: String
  /// Options of this mount.
  let options: [String]
  /// Optional fields, such as `shared:1`.
  let tags: [String]
  let type: String
  let device: String
  /// Options of the file system.
  let superOptions: [String]
  let line: Int

  /// Reads the lines of `mountinfo`; others are left out.
  static func parse(_ text: String) -> [Mount] {
    numberedLines(text).compactMap { line in
      let fields = line.fields
      guard fields.count >= 9, let dash = fields[6...].firstIndex(of: "-"), fields.count > dash + 2 else { return nil }
      return Mount(
        point: unescaped(fields[4]), options: fields[5].split(separator: ",").map(String.init),
        tags: Array(fields[6..<dash]), type: fields[dash + 1], device: unescaped(fields[dash + 2]),
        superOptions: fields.count > dash + 3 ? fields[dash + 3].split(separator: ",").map(String.init) : [],
        line: line.number)
    }
  }

  /// Resolves the octal escapes that the kernel writes for blanks and backslashes.
  static func unescaped(_ text: String) -> String {
    guard text.contains("\\") else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count,
        let code = UInt8(String(decoding: bytes[index + 1...index + 3], as: UTF8.self), radix: 8)
      {
        result.append(code)
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
