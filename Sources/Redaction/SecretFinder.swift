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
  /// Who writes the current line, and what goes on in the lines of others.
  private var writer: ArraySlice<UInt8> = []
  private var others: [ArraySlice<UInt8>: Continuation] = [:]
  private var linesOfOthers = 0
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
    var hasExecution = false
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
    guard var hits = scanner.hits(in: text) else { return nil }
    self.text = text
    let wrapped = wrappedLines()
    if !wrapped.isEmpty { hits = (hits + wrapped).sorted { $0.end < $1.end } }
    edits = []
    var next = 0
    var position = 0
    while position < text.count {
      if !state.isActive, others.isEmpty {
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
    var range = range.lowerBound..<end
    let frame = form.isConfiguration ? nil : text.frame(of: range)
    if let frame {
      turn(to: text[frame.writer])
      range = frame.content
      covered = range.lowerBound
      end = range.upperBound
    }
    if !(state.isActive && goOn(range)) {
      for hit in hits where hit.end > covered && hit.end <= end { look(at: hit, in: range) }
    }
    if edits.count > before + 1 { settle(from: before) }
    if frame?.isPartial == true, let last = edits.last, last.range.upperBound == end { state.cutKind = last.kind }
  }

  /// Forgets what was learned from a whole text.
  func forgetWhole() {
    secretHeaders = []
    wholeRanges = []
    knowsKinds = false
  }

  /// Goes on with what the lines of `writer` began.
  func turn(to writer: ArraySlice<UInt8>) {
    if !others.isEmpty {
      linesOfOthers += 1
      // Who began a key and wrote nothing for so long has ended.
      if linesOfOthers > 4000 { others = [:] }
    }
    guard writer != self.writer else { return }
    if state.isActive, others.count < 64 {
      others[self.writer] = state
      linesOfOthers = 0
    }
    state = others.removeValue(forKey: writer) ?? Continuation()
    self.writer = writer
  }

  /// Puts the edits of one line in order and leaves out what lies in another.
  private func settle(from first: Int) {
    let sorted = edits[first...].sorted {
      ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound)
    }
    edits.removeSubrange(first...)
    var end = -1
    for var edit in sorted where edit.range.upperBound > end {
      edit.range = max(edit.range.lowerBound, end)..<edit.range.upperBound
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
    case .encodedWord, .encodedWord1, .encodedWord2, .encodedWord3: lookAtEncodedWord(hit, in: range)
    default: lookAtNotation(hit, in: range)
    }
  }

  private func lookAtNotation(_ hit: Hit, in range: Range<Int>) {
    switch Trigger(rawValue: hit.id) {
    case .foreignName: lookAtForeignName(hit, in: range)
    case .hexadecimal: hideHexadecimal(hit, in: range)
    case .peer: lookAtPeer(hit, in: range)
    case .shared, .identified: hideNext(after: hit.end, in: range, .password)
    case .snmp: lookAtSNMP(hit, in: range)
    case .numbers: lookAtNumbers(hit, in: range)
    case .hexText: lookAtHexText(hit, in: range)
    case .encodedURL: lookAtEncodedURL(hit, in: range)
    case .plainAuth: lookAtPlainAuth(hit, in: range)
    case .microK8s: lookAtMicroK8s(hit, in: range)
    case .code: lookAtCode(hit, in: range)
    case .literal: lookAtLiteral(hit, in: range)
    case .putty: lookAtPuTTY(hit, in: range)
    case .botToken: lookAtBotToken(hit, in: range)
    case .wrapped: lookAtWrapped(hit, in: range)
    default: lookAtPlace(hit, in: range)
    }
  }

  private func lookAtPlace(_ hit: Hit, in range: Range<Int>) {
    switch Trigger(rawValue: hit.id) {
    case .query: lookAtParameter(hit, in: range)
    case .execution: lookAtExecution(in: range)
    case .byteList: lookAtByteList(hit, in: range)
    case .accessList: lookAtAccessList(hit, in: range)
    case .passwordFile: lookAtPasswordFile(hit, in: range)
    case .hereString: lookAtHereString(hit, in: range)
    case .account: lookAtAccount(hit, in: range)
    case .thinURL: lookAtThinURL(hit, in: range)
    case .quotedStars: hideNext(after: hit.end - 1, in: range, .password)
    case .rancher: lookAtRancher(hit, in: range)
    case .form: lookAtForm(hit, in: range)
    case .loginPrompt: state.nextLine = Continuation.NextLine(kind: .password, lines: 1)
    case .chpasswd:
      let isHeading = text[hit.end - 1] == 58
      let column = text.skipBlanks(range.lowerBound, to: range.upperBound) - range.lowerBound
      state.accounts = Continuation.Accounts(indent: isHeading ? column : -1, lines: 40)
    case .expect: state.sendLines = 3
    case .send: lookAtSend(hit, in: range)
    case .vault: lookAtVault(hit, in: range)
    case .pin: lookAtPIN(hit, in: range)
    case .encrypt: lookAtEncrypt(hit, in: range)
    case .hexKey: hideHexadecimal(hit, in: range)
    case .objectOfTokens: lookAtObjectOfTokens(hit, in: range)
    case .domainUser, .peerLogin: hideRestOfWord(hit, in: range)
    case .encodedKey: lookAtEncodedKey(hit, in: range)
    case .escapedName: lookAtEscapedName(hit, in: range)
    case .generated: lookAtGenerated(hit, in: range)
    case .middle: lookAtMiddle(hit, in: range)
    default: break
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
