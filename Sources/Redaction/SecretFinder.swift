/// Finds the secrets of a text line by line; what goes on over lines is kept between texts.
///
/// Every step looks at a bounded part of a line or passes over what it hides, so that the time is linear.
final class SecretFinder {
  let scanner: TriggerScanner
  let form: FileForm
  var text = Text(UnsafeRawBufferPointer(start: nil, count: 0))
  var edits: [Edit] = []
  /// Everything of the current line before this place is dealt with.
  var covered = 0
  /// What goes on in the next line.
  var state = Continuation()
  /// How deep texts are nested in texts: base64 in base64.
  let depth: Int
  /// The places of `data:` lines that belong to a Secret, where the whole file is known.
  var secretHeaders: Set<Int> = []
  /// Values of Secrets that were found in the whole of a JSON file.
  var wholeRanges: [Range<Int>] = []
  /// Whether the kinds of all objects are known, so that a `data:` need not be guessed at.
  var knowsKinds = false
  /// What was looked at once in the current line.
  var line = LineMemory()

  private var names: [ArraySlice<UInt8>: SecretName?] = [:]

  /// The secret that `bytes` name; the same names come again and again.
  func secretName(_ bytes: ArraySlice<UInt8>) -> SecretName? {
    if let known = names[bytes] { return known }
    let name = SecretName(bytes)
    if names.count >= 2048 { names = [:] }
    names[bytes] = .some(name)
    return name
  }

  /// What a line need not be searched for again.
  struct LineMemory {
    var lastKeyEnd = -1
    var lastRunEnd = -1
    var pemEndMissingFrom = Int.max
    var hasCommand = false
    var hasObjects = false
    /// Bytes that were looked at in vain. A line that makes too much of it is hidden from there on: hiding is linear.
    var work = 0
    /// Bytes of the value that is looked at.
    var lookedAt = 0
  }

  init?(form: FileForm, depth: Int = 0, scanner: TriggerScanner? = nil) {
    guard let scanner = scanner ?? TriggerScanner() else { return nil }
    self.scanner = scanner
    self.form = form
    self.depth = depth
  }

  /// The secrets of `text`, in order; nil where the text could not be searched.
  func edits(in text: Text) -> [Edit]? {
    guard let hits = scanner.hits(in: text) else { return nil }
    self.text = text
    edits = []
    var next = 0
    var position = 0
    while position < text.count {
      if !state.isActive {
        guard next < hits.count else { break }
        if hits[next].end > position { position = text.lineStart(before: hits[next].end - 1) }
      }
      let end = text.lineEnd(after: position)
      let first = next
      while next < hits.count, hits[next].end <= end { next += 1 }
      process(position..<end, hits[first..<next])
      position = end + 1
    }
    if !wholeRanges.isEmpty {
      for range in wholeRanges where !SecretValue.isPlaceholder(text[range]) { edits.append(Edit(range, .secretData)) }
      settle(from: 0)
    }
    return edits
  }

  private func process(_ range: Range<Int>, _ hits: ArraySlice<Hit>) {
    covered = range.lowerBound
    line = LineMemory()
    let before = edits.count
    var end = range.upperBound
    if end > range.lowerBound, text[end - 1] == 13 { end -= 1 }
    let range = range.lowerBound..<end
    if !(state.isActive && goOn(range)) {
      for hit in hits where hit.end > covered && hit.end <= end { look(at: hit, in: range) }
    }
    if edits.count > before + 1 { settle(from: before) }
  }

  /// Puts the edits of one line in order and drops what lies in another.
  private func settle(from first: Int) {
    let sorted = edits[first...].sorted {
      ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound)
    }
    edits.removeSubrange(first...)
    var end = -1
    for edit in sorted where edit.range.lowerBound >= end {
      edits.append(edit)
      end = edit.range.upperBound
    }
  }

  /// Hides `range`.
  func hide(_ range: Range<Int>, _ kind: Kind, quote: ArraySlice<UInt8> = []) {
    guard !range.isEmpty else { return }
    edits.append(Edit(range, kind, quote: quote))
    covered = max(covered, range.upperBound)
  }

  private func look(at hit: Hit, in range: Range<Int>) {
    if hit.id >= Trigger.prefix.rawValue { return lookAtPrefix(hit, in: range) }
    switch Trigger(rawValue: hit.id) {
    case .key: lookAtKey(hit, in: range)
    case .bearer: lookAtBearer(hit, in: range)
    case .basic: lookAtBasic(hit, in: range)
    case .url: lookAtURL(hit, in: range)
    case .dataSource: lookAtDataSource(hit, in: range)
    case .bootstrapToken: lookAtBootstrapToken(hit, in: range)
    case .privateKey: lookAtPEM(hit, in: range)
    case .encoded: lookAtEncoded(hit, in: range)
    case .ceph: lookAtRun(hit, length: 40, .encryptionKey)
    case .command: lookAtCommand(in: range)
    case .secretKind: lookAtObjects(in: range)
    case .data: lookAtData(hit, in: range)
    case .tildeSecret: lookAtTilde(hit, in: range)
    case .azureSignature, .webhook: lookAtQuery(hit, in: range)
    case .clusterToken: lookAtClusterToken(hit, in: range)
    case .jsonKey: lookAtJSONKey(hit, in: range)
    case .prefix, nil: break
    }
  }

  /// Searches a text inside of this one; whether there is a secret in it.
  func holdsSecret(_ bytes: [UInt8]) -> Bool { innerEdits(bytes)?.isEmpty == false }

  /// The secrets of a text inside of this one.
  func innerEdits(_ bytes: [UInt8]) -> [Edit]? {
    var form = FileForm()
    form.isConfiguration = true
    guard depth < 4, let inner = SecretFinder(form: form, depth: depth + 1, scanner: scanner) else { return nil }
    return bytes.withUnsafeBytes {
      inner.prepare(Text($0))
      return inner.edits(in: Text($0))
    }
  }
}
