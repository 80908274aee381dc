import CVectorscan
import Glibc
import Model

/// Finds the lines that signatures mention, at memory speed, and takes the few that hit apart.
///
/// Feed it inputs one after the other: `begin`, any number of blocks of whole lines, `end`.
public final class LogScanner {
  /// Of a longer line only this much around the match is looked at.
  static let lineWindow = 16 * 1024

  private let signatures: [Signature]
  private let database: SignatureDatabase
  private let scratch: OpaquePointer
  private let buffer: HitBuffer
  private let zone: TimeZoneRule?
  private var window: TimeWindow?
  private var matchers: [Int: LineMatcher] = [:]
  private var exceptions: [Int: LineMatcher] = [:]
  private var collector = HitCollector()

  private var source = ""
  private var modified: LogTime?
  private var began: LogTime?
  private var kind: Mention.TextKind?
  private var lines = 0
  private var sequence = 0
  private var seen: Set<Int> = []
  /// Signatures of which a line was found and was no report.
  private var dismissed: Set<Int> = []
  public private(set) var summary: SourceSummary

  /// - Parameter zone: the zone of logs that name none.
  public init(_ signatures: [Signature], database: SignatureDatabase, zone: TimeZoneRule? = nil) throws {
    self.signatures = signatures
    self.database = database
    self.zone = zone
    var scratch: OpaquePointer?
    guard hs_alloc_scratch(database.pointer, &scratch) == HS_SUCCESS, let scratch else {
      throw SignatureError(index: -1, message: "no memory to scan with")
    }
    self.scratch = scratch
    buffer = HitBuffer(signatures: signatures.count)
    summary = SourceSummary(inputs: [])
  }

  deinit { hs_free_scratch(scratch) }

  /// What was found so far.
  public var observations: Observations { Observations(facts: collector.facts, hits: collector.byHost) }

  /// Starts an input.
  ///
  /// - Parameters:
  ///   - modified: when the input was last written, for lines without a year.
  ///   - window: lines whose own time lies outside are no hits.
  public func begin(_ name: String, modified: LogTime?, window: TimeWindow? = nil) {
    source = name
    self.window = window
    self.modified = modified
    began = nil
    kind = nil
    lines = 0
    seen.removeAll()
    dismissed.removeAll()
    buffer.reset()
    summary.inputs.append(name)
  }

  /// Scans a block of whole lines.
  public func scan(_ block: UnsafeRawBufferPointer) {
    guard block.count > 0 else { return }
    if began == nil { noteFirstTime(block) }
    if kind == nil { kind = Mention.kind(of: block) }
    // Hits that are only counted are not asked for their time: they may be where all of the block is in the window.
    buffer.isDetailed = !isInWindow(block)
    buffer.scan(block, with: database.pointer, scratch: scratch)
    var counted = 0
    var line = lines
    for hit in buffer.hits.sorted(by: { $0.end < $1.end }) {
      let start = lineStart(block, hit.end)
      if start > counted {
        line += newlines(block, counted..<start)
        counted = start
      }
      look(at: hit, in: block, start: start, line: line + 1)
    }
    lines = line + newlines(block, counted..<block.count)
    if block[block.count - 1] != 0x0a { lines += 1 }
    noteLastTime(block)
    summary.bytes += block.count
  }

  /// Ends the input: adds the hits that were only counted.
  public func end() {
    for index in buffer.skipped.indices where buffer.skipped[index] > 0 {
      collector.addCount(buffer.skipped[index], of: index)
    }
    summary.lines += lines
  }

  /// Gives the lines of a second, repaired reading of the same input: only what the first did not see counts, and not
  /// what it dismissed: joined to its neighbours, a line loses the form that told it from a report.
  public func scanRepaired(_ text: [UInt8], lineNumbers: [Int]) {
    let before = seen.union(dismissed)
    text.withUnsafeBytes { block in
      buffer.reset()
      buffer.scan(block, with: database.pointer, scratch: scratch)
      var counted = 0
      var line = 0
      for hit in buffer.hits.sorted(by: { $0.end < $1.end }) where !before.contains(hit.signature) {
        let start = lineStart(block, hit.end)
        if start > counted {
          line += newlines(block, counted..<start)
          counted = start
        }
        look(at: hit, in: block, start: start, line: line < lineNumbers.count ? lineNumbers[line] : line + 1)
      }
      buffer.reset()
    }
  }

  private func look(at hit: HitBuffer.Hit, in block: UnsafeRawBufferPointer, start: Int, line: Int) {
    let tail = min(block.count, hit.end + Self.lineWindow)
    let end = (hit.end..<tail).first { block[$0] == 0x0a } ?? tail
    let from = max(start, hit.end - Self.lineWindow)
    guard from < end, let matcher = matcher(hit.signature),
      matcher.matches(UnsafeRawBufferPointer(rebasing: block[from..<end]))
    else { return }
    let bytes = Array(block[from..<end])
    sequence += 1
    guard let event = event(of: bytes[...], signature: hit.signature, line: line) else { return }
    seen.insert(hit.signature)
    buffer.confirmed[hit.signature] += 1
    if let host = event.host, !summary.hosts.contains(host), summary.hosts.count < 64 { summary.hosts.append(host) }
    collector.record(event, of: signatures[hit.signature], at: hit.signature, began: began)
  }

  /// Takes a line apart; nil when it is no hit after all.
  private func event(of line: ArraySlice<UInt8>, signature index: Int, line number: Int) -> LogEvent? {
    let signature = signatures[index]
    let envelope = Envelope.parse(line)
    let time = envelope.time?.moment(before: modified, zone: zone)
    if let window, let time, !window.contains(time) { return nil }
    if let unit = envelope.unit, !signature.pattern.from.isEmpty, !signature.pattern.from.contains(unit) { return nil }
    var message = line[envelope.start...]
    guard let matcher = matcher(index) else { return nil }
    var match = matcher.firstMatch(in: message)
    if match == nil {
      message = line
      match = matcher.firstMatch(in: message)
    }
    guard let match else { return nil }
    if let exception = exception(index), exception.firstMatch(in: line) != nil { return nil }
    if kind == .rules || kind == .document && !envelope.isRecognized {
      dismissed.insert(index)
      return nil
    }
    if signature.role == .rule,
      Mention.isMention(message, at: match.range, hasHeader: envelope.isRecognized)
        || !envelope.isRecognized && Quotation.isChangeNote(String(decoding: line.prefix(200), as: UTF8.self)[...])
    {
      dismissed.insert(index)
      return nil
    }
    let text = String(decoding: message, as: UTF8.self)
    return LogEvent(
      time: time, host: envelope.host, unit: envelope.unit,
      message: text, source: source, line: number, sequence: sequence, match: match.range, captures: match.captures)
  }

  private func matcher(_ index: Int) -> LineMatcher? {
    if let matcher = matchers[index] { return matcher }
    let matcher = try? LineMatcher(Expression.prepared(signatures[index].pattern.expression))
    matchers[index] = matcher
    return matcher
  }

  private func exception(_ index: Int) -> LineMatcher? {
    guard let expression = signatures[index].pattern.except else { return nil }
    if let matcher = exceptions[index] { return matcher }
    let matcher = try? LineMatcher(Expression.prepared(expression))
    exceptions[index] = matcher
    return matcher
  }

  private func lineStart(_ block: UnsafeRawBufferPointer, _ offset: Int) -> Int {
    var index = offset
    while index > 0, block[index - 1] != 0x0a { index -= 1 }
    return index
  }

  private func newlines(_ block: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
    var count = 0
    let part = UnsafeRawBufferPointer(rebasing: block[range])
    guard let base = part.baseAddress else { return 0 }
    var place = base
    let end = base + part.count
    // memchr is the fastest counter that there is for lines of usual length.
    while let newline = memchr(place, 0x0a, end - place) {
      count += 1
      place = UnsafeRawPointer(newline) + 1
    }
    return count
  }

  // The span of time that an input covers: from the first line that names one to the last.

  private func noteFirstTime(_ block: UnsafeRawBufferPointer) {
    guard let time = firstTime(block) else { return }
    began = time
    note(time)
  }

  private func noteLastTime(_ block: UnsafeRawBufferPointer) {
    if let time = lastTime(block) { note(time) }
  }

  private func isInWindow(_ block: UnsafeRawBufferPointer) -> Bool {
    guard let window else { return true }
    guard let first = firstTime(block), let last = lastTime(block) else { return false }
    return window.covers(first, last)
  }

  private func firstTime(_ block: UnsafeRawBufferPointer) -> LogTime? {
    var start = 0
    for _ in 0..<20 where start < block.count {
      let end = (start..<min(block.count, start + 4096)).first { block[$0] == 0x0a } ?? min(block.count, start + 4096)
      if let time = time(of: block[start..<end]) { return time }
      start = end + 1
    }
    return nil
  }

  private func lastTime(_ block: UnsafeRawBufferPointer) -> LogTime? {
    var end = block.count
    for _ in 0..<20 where end > 0 {
      let start = lineStart(block, end - 1)
      if let time = time(of: block[start..<min(end, start + 4096)]) { return time }
      end = start
    }
    return nil
  }

  private func time(of line: Slice<UnsafeRawBufferPointer>) -> LogTime? {
    Envelope.parse(Array(line)[...]).time?.moment(before: modified, zone: zone)
  }

  private func note(_ time: LogTime) {
    summary.from = min(summary.from ?? time, time)
    summary.to = max(summary.to ?? time, time)
  }
}
