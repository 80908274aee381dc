import CPCRE2

/// One expression that takes a line apart.
///
/// Runs on the few lines that become evidence, with limits against hostile input.
/// - SeeAlso: pcre2api(3)
final class LineMatcher {
  private let code: OpaquePointer
  private let data: OpaquePointer
  private let context: OpaquePointer
  private let names: [(name: String, group: Int)]

  /// What matched, in offsets of the given bytes.
  struct Match {
    let range: Range<Int>
    let captures: [String: String]
  }

  init(_ expression: String) throws {
    var error: Int32 = 0
    var offset = 0
    let text = Array(expression.utf8)
    guard let code = pcre2_compile_8(text, text.count, PCRE2_CASELESS, &error, &offset, nil) else {
      var buffer = [UInt8](repeating: 0, count: 200)
      let length = pcre2_get_error_message_8(error, &buffer, buffer.count)
      let message = String(decoding: buffer.prefix(max(0, Int(length))), as: UTF8.self)
      throw SignatureError(index: -1, message: "\(message) at offset \(offset)")
    }
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil), let context = pcre2_match_context_create_8(nil)
    else {
      pcre2_code_free_8(code)
      throw SignatureError(index: -1, message: "out of memory")
    }
    pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
    pcre2_set_match_limit_8(context, 200_000)
    pcre2_set_depth_limit_8(context, 10_000)
    pcre2_set_heap_limit_8(context, 16 * 1024)
    self.code = code
    self.data = data
    self.context = context
    names = LineMatcher.names(of: code)
  }

  deinit {
    pcre2_match_context_free_8(context)
    pcre2_match_data_free_8(data)
    pcre2_code_free_8(code)
  }

  /// Whether `bytes` hold a match; cheaper than to take it apart.
  func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return false }
    return pcre2_match_8(code, base.assumingMemoryBound(to: UInt8.self), bytes.count, 0, 0, data, context) > 0
  }

  /// The first match in `bytes`; nil also when a limit was reached.
  func firstMatch(in bytes: ArraySlice<UInt8>) -> Match? {
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let count = pcre2_match_8(code, base, buffer.count, 0, 0, data, context)
      guard count > 0, let ends = pcre2_get_ovector_pointer_8(data) else { return nil }
      let groups = Int(pcre2_get_ovector_count_8(data))
      guard ends[0] <= ends[1], ends[1] <= buffer.count else { return nil }
      var captures: [String: String] = [:]
      for (name, group) in names where group < groups {
        let (from, to) = (ends[2 * group], ends[2 * group + 1])
        guard from != Int.max, from >= 0, to <= buffer.count, from < to else { continue }
        var value = Substring(String(decoding: buffer[from..<to], as: UTF8.self))
        while value.hasSuffix("\\") { value.removeLast() }
        captures[name] = String(value.prefix(400))
      }
      return Match(range: ends[0]..<ends[1], captures: captures)
    }
  }

  private static func names(of code: OpaquePointer) -> [(name: String, group: Int)] {
    var count: UInt32 = 0
    var size: UInt32 = 0
    var table: UnsafePointer<UInt8>?
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
    guard let table else { return [] }
    return (0..<Int(count)).map { index in
      let entry = table + index * Int(size)
      return (String(cString: entry + 2), Int(entry[0]) << 8 | Int(entry[1]))
    }
  }
}

/// One expression that is asked of short texts, such as the values of facts.
public struct LineTest {
  private let matcher: LineMatcher

  /// Nil where the expression does not compile.
  public init?(_ expression: String) {
    guard let matcher = try? LineMatcher(Expression.prepared(expression)) else { return nil }
    self.matcher = matcher
  }

  /// Whether `text` contains a match.
  public func matches(_ text: String) -> Bool { matcher.firstMatch(in: ArraySlice(text.utf8)) != nil }
}
