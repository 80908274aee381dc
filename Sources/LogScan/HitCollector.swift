import Model

/// Keeps what a diagnosis needs of each signature's hits; memory grows with what was seen, not with the log.
struct HitCollector {
  /// How many subjects are kept of one signature on one host.
  static let subjectLimit = 50

  private struct Key: Hashable {
    let host: String?
    let signature: Int
  }

  private var hits: [Key: SignatureHits] = [:]
  private var latest: [Int: Key] = [:]
  private var recent: [Key: [LogTime]] = [:]
  private var starts: [String: LogTime] = [:]
  private(set) var facts: [String: Fact] = [:]

  /// Hits by host and signature.
  var byHost: [String?: [Int: SignatureHits]] {
    var result: [String?: [Int: SignatureHits]] = [:]
    for (key, value) in hits { result[key.host, default: [:]][key.signature] = value }
    return result
  }

  /// Records `event` as a hit of the signature at `index`; `began` is when the input began.
  mutating func record(_ event: LogEvent, of signature: Signature, at index: Int, began: LogTime?) {
    switch signature.role {
    case .start(let unit):
      if let time = event.time { starts[unit] = time }
      return
    case .fact(let key):
      guard facts[key] == nil, let value = event.captures["value"] else { return }
      facts[key] = Fact(key: key, value: FactHint.value(of: value), source: event.source, line: event.line)
      return
    case .rule: break
    }
    if let delay = signature.pattern.afterStart, !isSettled(event, after: delay, began: began) { return }
    let key = Key(host: event.host, signature: index)
    var record = hits[key] ?? SignatureHits()
    record.count += 1
    record.first = record.first ?? event
    record.last = event
    if let name = signature.subject, let value = event.captures[name],
      record.subjects[value] != nil || record.subjects.count < Self.subjectLimit
    {
      record.subjects[value] = event
    }
    if !record.isSatisfied { record.isSatisfied = isMet(signature.pattern, key, record.count, event.time) }
    hits[key] = record
    latest[index] = key
  }

  /// Adds `count` hits that were only counted, because there were so many, to the host that was seen last with one.
  mutating func addCount(_ count: Int, of index: Int) {
    if let key = latest[index] { hits[key]?.count += count }
  }

  private mutating func isMet(_ pattern: LogPattern, _ key: Key, _ count: Int, _ time: LogTime?) -> Bool {
    guard pattern.atLeast > 1 else { return true }
    guard let window = pattern.within, let time else { return count >= pattern.atLeast }
    var times = recent[key] ?? []
    times.append(time)
    if times.count > pattern.atLeast { times.removeFirst() }
    recent[key] = times
    guard times.count == pattern.atLeast, let first = times.first else { return false }
    return time.seconds - first.seconds <= window.inSeconds
  }

  /// Whether the component of `event` has been running for longer than `delay`.
  private func isSettled(_ event: LogEvent, after delay: Duration, began: LogTime?) -> Bool {
    guard let time = event.time else { return false }
    let start = starts[event.unit ?? "kubelet"] ?? starts["kubelet"] ?? began
    guard let start else { return false }
    return time.seconds - start.seconds > delay.inSeconds
  }
}

/// The kind of a fact that a log line answers.
enum FactHint {
  static func value(of text: String) -> FactValue {
    switch text.lowercased() {
    case "true": .bool(true)
    case "false": .bool(false)
    default: .text(text)
    }
  }
}

extension Duration {
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
