/// The data of Kubernetes Secrets, in YAML and in JSON at any depth of escaping.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
extension SecretFinder {
  // MARK: JSON

  private struct Object {
    var isData = false
    var kind = ""
    /// Whether it tells that it is about Secrets: `objectRef` of an audit event.
    var namesSecrets = false
    var isAboutSecrets = false
    var values: [Range<Int>] = []
    /// Values of objects below that have no kind of their own: those of a SecretList.
    var candidates: [Range<Int>] = []
  }

  /// The objects of one line.
  func lookAtObjects(in range: Range<Int>) {
    guard !line.hasObjects, let start = text.find(123, from: range.lowerBound, to: range.upperBound) else { return }
    line.hasObjects = true
    let before = covered
    for value in secretValues(in: start..<range.upperBound) where !SecretValue.isPlaceholder(text[value]) {
      hide(value, .secretData)
    }
    // What lies between the values is still to be looked at.
    covered = before
  }

  /// The values of the Secrets among the JSON objects in `range`.
  func secretValues(in range: Range<Int>, depth: Int = 0) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var open: [Object] = [Object()]
    var name: String?
    var position = range.lowerBound
    func close() {
      guard open.count > 1 else { return }
      let object = open.removeLast()
      if object.isData {
        open[open.count - 1].values += object.values
        return
      }
      if object.kind == "Secret" { found += object.values }
      if object.namesSecrets, open.count > 1 { open[open.count - 1].isAboutSecrets = true }
      if object.isAboutSecrets { found += object.candidates }
      if object.kind == "SecretList" { found += object.candidates }
      if object.kind.isEmpty { open[open.count - 1].candidates += object.values + object.candidates }
    }
    while position < range.upperBound, open.count < 256 {
      let byte = text[position]
      if byte == UInt8(ascii: "{") {
        open.append(Object(isData: name == "data" || name == "stringData"))
        name = nil
      } else if byte == UInt8(ascii: "}") {
        close()
        name = nil
      } else if byte == 92 || byte == 34, let inner = quoted(at: position, to: range.upperBound) {
        let slashes = text.run(from: position, to: range.upperBound) { $0 == 92 } - position
        position = inner.upperBound + slashes + 1
        let after = text.run(from: position, to: range.upperBound) { $0.isSpace }
        let content = inner.count < 64 ? text.string(inner) : ""
        if text[after] == 58 {
          name = content
          continue
        }
        if open[open.count - 1].isData {
          open[open.count - 1].values.append(inner)
        } else if name == "kind", open.count > 1 {
          open[open.count - 1].kind = content
        } else if name == "resource", content == "secrets" {
          open[open.count - 1].namesSecrets = true
        } else if depth < 3, inner.count > 20, text.contains("Secret", in: inner) {
          found += secretValues(in: inner, depth: depth + 1)
        }
        name = nil
        continue
      }
      position += 1
    }
    while open.count > 1 { close() }
    return found
  }

  // MARK: YAML

  /// A `data:` or `stringData:` that begins a block.
  func lookAtData(_ hit: Hit, in range: Range<Int>) {
    var start = hit.end - 1
    while start > range.lowerBound, text[start - 1].isKey || text[start - 1].isQuote || text[start - 1].isBlank {
      if text[start - 1].isBlank, text[start].isKey || text[start].isQuote { break }
      start -= 1
    }
    while start < hit.end, !text[start].isLetter { start += 1 }
    let letters = text.run(from: start, to: hit.end, while: \.isLetter) - start
    let isData = letters == 4 && text.has("data", at: start)
    let isStringData = letters == 10 && text.has("stringData", at: start)
    if letters == 10, text.has("StringData", at: start), text.has("map[string]string{", at: hit.end) {
      return lookAtGoMap(hit.end + 18, in: range)
    }
    guard isData || isStringData else { return }
    while start > range.lowerBound, text[start - 1].isQuote { start -= 1 }
    var lead = start
    while lead > range.lowerBound, text[lead - 1].isBlank || text[lead - 1] == 45 { lead -= 1 }
    guard lead == range.lowerBound else { return }
    let value = text.skipBlanks(hit.end, to: range.upperBound)
    let isSecret = isStringData || secretHeaders.contains(range.lowerBound)
    let isBlock = value >= range.upperBound || text[value] == UInt8(ascii: "#")
    let opens = text[value] == UInt8(ascii: "{") && text.skipBlanks(value + 1, to: range.upperBound) >= range.upperBound
    if isBlock || opens {
      guard isSecret || !knowsKinds else { return }
      state.nested = Continuation.Nested(
        indent: start - range.lowerBound, kind: .secretData, hasMembers: true, onlyEncoded: !isSecret)
    } else if isSecret, text[value] == UInt8(ascii: "{") {
      let close = text.find(125, from: value, to: range.upperBound) ?? range.upperBound
      let inner = value + 1..<close
      if !SecretValue.isPlaceholder(text[inner]) { hide(inner, .secretData) }
    }
  }

  /// `StringData:map[string]string{"a":"b", }` as Go prints a Secret: every second text is one.
  private func lookAtGoMap(_ start: Int, in range: Range<Int>) {
    var position = start
    var isValue = false
    while position < range.upperBound, text[position] != UInt8(ascii: "}") {
      guard let inner = quoted(at: position, to: range.upperBound) else {
        position += 1
        continue
      }
      if isValue, !SecretValue.isPlaceholder(text[inner]) { hide(inner, .secretData) }
      isValue.toggle()
      position = text.run(from: inner.upperBound, to: range.upperBound) { $0 == 92 } + 1
    }
  }

  /// Learns from the whole of a file which `data:` belong to Secrets.
  func prepare(_ text: Text) {
    self.text = text
    if form.hasHeaders { prepareHeaders() }
    guard text.contains("Secret", in: 0..<text.count) else {
      knowsKinds = form.isConfiguration && text.contains("kind", in: 0..<text.count)
      return
    }
    let first = text.run(from: 0, to: text.count) { $0.isSpace }
    if text[first] == UInt8(ascii: "{") || text[first] == UInt8(ascii: "[") {
      wholeRanges += secretValues(in: first..<text.count)
    } else {
      prepareYAML()
    }
  }

  /// The values of a `[host."…".header]` table of containerd's hosts.toml.
  private func prepareHeaders() {
    var position = 0
    var isHeader = false
    while position < text.count {
      let end = text.lineEnd(after: position)
      let first = text.skipBlanks(position, to: end)
      if text[first] == UInt8(ascii: "[") { isHeader = text.contains("header", in: first..<end) }
      var place = text.find(61, from: first, to: end) ?? end
      while isHeader, place < end {
        if let inner = quoted(at: place, to: end) {
          wholeRanges.append(inner)
          place = inner.upperBound
        }
        place += 1
      }
      position = end + 1
    }
  }

  private struct Mapping {
    let column: Int
    var headers: [Int] = []
    var candidates: [Int] = []
    var kind = ""
  }

  private func prepareYAML() {
    var open: [Mapping] = []
    func close(while test: (Int) -> Bool) {
      while let last = open.last, test(last.column) {
        open.removeLast()
        if last.kind == "Secret" { secretHeaders.formUnion(last.headers) }
        if last.kind == "SecretList" { secretHeaders.formUnion(last.candidates) }
        if last.kind.isEmpty, !open.isEmpty { open[open.count - 1].candidates += last.headers + last.candidates }
      }
    }
    var position = 0
    while position < text.count {
      let start = position
      let end = text.lineEnd(after: start)
      position = end + 1
      var content = text.skipBlanks(start, to: end)
      if content >= end || text[content] == UInt8(ascii: "#") { continue }
      if text.has("---", at: start) {
        close { _ in true }
        continue
      }
      while text[content] == 45, text[content + 1].isBlank {
        let column = content - start
        close { $0 > column }
        content = text.skipBlanks(content + 1, to: end)
      }
      let column = content - start
      close { $0 > column }
      if open.last.map({ $0.column < column }) ?? true, open.count < 256 { open.append(Mapping(column: column)) }
      guard !open.isEmpty else { continue }
      if text.has("kind:", at: content) {
        knowsKinds = knowsKinds || form.isConfiguration
        let value = text.string(content + 5..<min(end, content + 40)).filter { $0.isLetter }
        open[open.count - 1].kind = value
      } else if text.has("data:", at: content) || text.has("stringData:", at: content) {
        open[open.count - 1].headers.append(start)
      }
    }
    close { _ in true }
  }
}
