import PublicKeys

/// Takes secrets out of texts, line by line where possible, so that a stream of any length can pass.
///
/// A secret is replaced by a marker such as `(hidden-password)`, which tells its kind and nothing else; a private key
/// by the digest of its public half. What was redacted passes unchanged. Used on one thread.
public final class Redactor {
  /// How often each kind of secret was removed, by path and then by kind.
  public private(set) var removed: [String: [String: Int]] = [:]

  private let anonymizer: Anonymizer?
  private let scanner = TriggerScanner()
  private var stream: (path: String, finder: SecretFinder)?

  /// - Parameter anonymizer: also replaces names and addresses.
  public init(anonymizing anonymizer: Anonymizer? = nil) { self.anonymizer = anonymizer }

  /// A whole file of the node; its path tells its form.
  public func redact(_ bytes: [UInt8], path: String) -> [UInt8] {
    let form = FileForm(path: path)
    let redacted: [UInt8]
    if form.isSecret || isOpaque(bytes, path) {
      redacted = hideAll(bytes, path)
    } else if form.isEnvironment {
      redacted = redactEnvironment(bytes, path)
    } else if let field = form.secretField {
      redacted = redactFields(bytes, path, field.index, field.separator)
    } else {
      redacted = redactText(bytes, path, form)
    }
    return anonymizer?.anonymize(redacted, path: path) ?? redacted
  }

  /// Log text, in blocks of whole lines. What goes on over lines is kept between the blocks of one path.
  ///
  /// - Parameter writer: who wrote the block, where messages of several come in turn: what goes on over lines is kept
  ///   for each.
  public func redactBlock(_ bytes: UnsafeRawBufferPointer, path: String, writer: [UInt8]? = nil) -> [UInt8] {
    if stream?.path != path, let finder = SecretFinder(form: FileForm(path: path), scanner: scanner) {
      stream = (path, finder)
    }
    let text = Text(bytes)
    if let writer { stream?.finder.turn(to: writer[...]) }
    // A message of several lines is there as a whole.
    if writer != nil, text.find(10, from: 0, to: text.count) != nil { stream?.finder.prepare(text) }
    defer { if writer != nil { stream?.finder.forgetWhole() } }
    guard let finder = stream?.finder, let edits = finder.edits(in: text) else { return hideAll(Array(bytes), path) }
    count(edits, path)
    let redacted = applying(edits, to: bytes)
    return anonymizer?.anonymize(redacted, path: path) ?? redacted
  }

  /// Ends the text whose blocks were given.
  public func endStream() { stream = nil }

  /// The places of the secrets in one message, in UTF-8 units, with what stands in their place.
  public func edits(in message: String) -> [(range: Range<Int>, replacement: String)] {
    var message = message
    return message.withUTF8 { buffer in
      guard let finder = SecretFinder(form: FileForm(), scanner: scanner),
        let edits = finder.edits(in: Text(UnsafeRawBufferPointer(buffer)))
      else { return [(0..<buffer.count, String(decoding: Kind.credential.marker, as: UTF8.self))] }
      return edits.map { ($0.range, String(decoding: $0.replacement, as: UTF8.self)) }
    }
  }

  /// One message without its secrets.
  ///
  /// - Parameter match: a range of UTF-8 units, which is moved along; a part of it that was hidden becomes the marker.
  public func redact(message: String, match: Range<Int>? = nil) -> (text: String, match: Range<Int>?) {
    let edits = edits(in: message)
    guard !edits.isEmpty else { return (message, match) }
    let bytes = Array(message.utf8)
    var result: [UInt8] = []
    var position = 0
    var (lower, upper) = (match?.lowerBound ?? 0, match?.upperBound ?? 0)
    for edit in edits {
      result += bytes[position..<edit.range.lowerBound]
      let start = result.count
      result += edit.replacement.utf8
      position = edit.range.upperBound
      guard let match else { continue }
      let shift = result.count - position
      if match.lowerBound >= position {
        lower = match.lowerBound + shift
      } else if match.lowerBound >= edit.range.lowerBound {
        lower = start
      }
      if match.upperBound >= position {
        upper = match.upperBound + shift
      } else if match.upperBound > edit.range.lowerBound {
        upper = result.count
      }
    }
    result += bytes[position...]
    return (String(decoding: result, as: UTF8.self), match.map { _ in lower..<max(lower, upper) })
  }

  private func count(_ edits: [Edit], _ path: String) {
    for edit in edits where edit.counts { removed[path, default: [:]][edit.kind.rawValue, default: 0] += 1 }
  }
}

// MARK: - Whole files

extension Redactor {
  private func redactText(_ bytes: [UInt8], _ path: String, _ form: FileForm) -> [UInt8] {
    guard let finder = SecretFinder(form: form, scanner: scanner) else { return hideAll(bytes, path) }
    return bytes.withUnsafeBytes { buffer in
      let text = Text(buffer)
      if form.isConfiguration { finder.prepare(text) }
      guard let edits = finder.edits(in: text) else { return hideAll(bytes, path) }
      count(edits, path)
      return applying(edits, to: buffer)
    }
  }

  /// Whether it cannot be searched: compressed, or a key that is no text.
  private func isOpaque(_ bytes: [UInt8], _ path: String) -> Bool {
    let isCompressed = bytes.starts(with: [0x1f, 0x8b]) || bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
    if isCompressed { return path != "/proc/config.gz" }
    return path.hasSuffix(".key") && bytes.first == 0x30
  }

  private func hideAll(_ bytes: [UInt8], _ path: String) -> [UInt8] {
    let isHidden = bytes.withUnsafeBytes { Text($0).has(Kind.markerStart, at: 0) }
    guard !isHidden, bytes.contains(where: { !$0.isSpace }) else { return bytes }
    removed[path, default: [:]][Kind.secretData.rawValue, default: 0] += 1
    return Kind.secretData.marker + (bytes.last == 10 ? [10] : [])
  }

  /// `NAME=value` separated by NUL: proc_pid_environ(5).
  private func redactEnvironment(_ bytes: [UInt8], _ path: String) -> [UInt8] {
    var form = FileForm()
    form.isAssignments = true
    form.isConfiguration = true
    var result: [UInt8] = []
    for (index, piece) in bytes.split(separator: 0, omittingEmptySubsequences: false).enumerated() {
      if index > 0 { result.append(0) }
      if let equals = piece.firstIndex(of: 61), SecretName(piece[..<equals]) != nil {
        let value = piece[(equals + 1)...]
        let isHarmless = SecretValue.isPlaceholder(value) || SecretValue.isPath(value)
        if !isHarmless { count([Edit(0..<1, .environment)], path) }
        result += piece[...equals] + (isHarmless ? value : Kind.environment.marker[...])
      } else {
        result += redactText(Array(piece), path, form)
      }
    }
    return result
  }

  /// Lines of fields, one of which is a secret: shadow(5), htpasswd, token files.
  private func redactFields(_ bytes: [UInt8], _ path: String, _ field: Int, _ separator: UInt8) -> [UInt8] {
    var result: [UInt8] = []
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      if index > 0 { result.append(10) }
      var fields = line.split(separator: separator, maxSplits: field + 1, omittingEmptySubsequences: false)
      if line.first != UInt8(ascii: "#"), fields.count > field, fields.count > 1 || field == 0 {
        let value = fields[field]
        let isLocked = value.count < 3 || SecretValue.isPlaceholder(value)
        if !isLocked {
          count([Edit(0..<1, .credential)], path)
          fields[field] = Kind.credential.marker[...]
        }
      }
      result += fields.joined(separator: [separator])
    }
    return result
  }
}

/// `bytes` with the edits made, which are in order and do not overlap.
func applying(_ edits: [Edit], to bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { applying(edits, to: $0) } }

/// `bytes` with the edits made, which are in order and do not overlap.
func applying(_ edits: [Edit], to bytes: UnsafeRawBufferPointer) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count + edits.count * 8)
  var position = 0
  for edit in edits where edit.range.lowerBound >= position && edit.range.upperBound <= bytes.count {
    result.append(contentsOf: bytes[position..<edit.range.lowerBound])
    result.append(contentsOf: edit.replacement)
    position = edit.range.upperBound
  }
  result.append(contentsOf: bytes[position...])
  return result
}
