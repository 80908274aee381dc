/// What the headers of a log line say, and where the message behind them begins.
struct Envelope {
  var time: TimeStamp?
  var host: String?
  var unit: String?
  /// Where the message begins in the bytes of the line.
  var start: Int
  /// Whether any header was recognised.
  var isRecognized: Bool { time != nil || unit != nil || isStructured }
  var isStructured = false

  /// Whether a line that begins with a brace is a literal of a programming language (`{24, "EMFILE", ...`), not JSON.
  private static func isLiteral(_ line: ArraySlice<UInt8>) -> Bool {
    guard let next = line.dropFirst().first else { return false }
    return next.isLetter || (0x30...0x39).contains(next)
  }

  /// Takes the envelopes off `line`: first the transport's (journal, syslog, CRI, kernel ring), then the program's.
  static func parse(_ line: ArraySlice<UInt8>) -> Envelope {
    var cursor = ByteCursor(line)
    cursor.skip { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "*") }
    var envelope = Envelope(start: cursor.position)
    if cursor.byte == UInt8(ascii: "{"), !isLiteral(line[cursor.position...]) {
      envelope.readJSON(line)
    } else {
      envelope.readTransport(&cursor)
      envelope.start = cursor.position
    }
    envelope.readProgram(&cursor)
    return envelope
  }

  /// `Nov 23 10:00:00 node-1 kubelet[812]: `, `2026-11-23T10:00:00+0000 node-1 kubelet[812]: `,
  /// `2026-11-23T10:00:00.1Z stderr F `, `<13>1 2026-… node-1 kubelet 812 - - `, `[ 123.456] `.
  private mutating func readTransport(_ cursor: inout ByteCursor) {
    let start = cursor.position
    if cursor.byte == UInt8(ascii: "["), readKernelRing(&cursor) { return }
    if cursor.take("<"), cursor.number(1...3) != nil, cursor.take(">") {
      _ = cursor.take("1 ")
    } else {
      cursor.position = start
    }
    skipWeekday(&cursor)
    guard let stamp = cursor.isoTime() ?? cursor.syslogTime() else {
      cursor.position = start
      _ = readIdentifier(&cursor)
      return
    }
    time = stamp
    skipZoneName(&cursor)
    cursor.skipSpaces()
    let afterTime = cursor.position
    if cursor.take("stderr ") || cursor.take("stdout ") {
      _ = cursor.take("F ") || cursor.take("P ")
      return
    }
    if readIdentifier(&cursor) { return }
    let name = cursor.word()
    guard isHostName(name), cursor.skipSpaces() else {
      cursor.position = afterTime
      return
    }
    if readIdentifier(&cursor) {
      host = String(decoding: name, as: UTF8.self)
    } else if let app = rfc5424(&cursor) {
      host = String(decoding: name, as: UTF8.self)
      unit = app
    } else {
      cursor.position = afterTime
    }
  }

  /// `kubelet[812]: ` or `kernel: `.
  private mutating func readIdentifier(_ cursor: inout ByteCursor) -> Bool {
    let start = cursor.position
    cursor.skip { isIdentifier($0) }
    let name = cursor.bytes[start..<cursor.position]
    var hasPid = false
    if cursor.take("[") {
      hasPid = cursor.number(1...10) != nil && cursor.take("]")
      if !hasPid, !name.isEmpty { cursor.position = start }
    }
    guard !name.isEmpty, cursor.take(":"), cursor.byte == 0x20 || cursor.isAtEnd, hasPid || time != nil else {
      cursor.position = start
      return false
    }
    cursor.skipSpaces()
    unit = Envelope.component(String(decoding: name, as: UTF8.self))
    return true
  }

  /// `kubelet 812 ID47 - ` after the host of RFC 5424.
  private func rfc5424(_ cursor: inout ByteCursor) -> String? {
    let start = cursor.position
    let app = cursor.word()
    cursor.skipSpaces()
    let pid = cursor.word()
    guard !app.isEmpty, !pid.isEmpty, pid.allSatisfy({ $0.digit != nil }) || pid.elementsEqual([0x2d]) else {
      cursor.position = start
      return nil
    }
    cursor.skipSpaces()
    _ = cursor.word()
    cursor.skipSpaces()
    _ = cursor.take("- ")
    return Envelope.component(String(decoding: app, as: UTF8.self))
  }

  /// `[  123.456789] ` and `[Mon Nov 23 10:00:00 2026] `.
  private mutating func readKernelRing(_ cursor: inout ByteCursor) -> Bool {
    let start = cursor.position
    cursor.position += 1
    cursor.skipSpaces()
    if cursor.number(1...10) != nil, cursor.byte == UInt8(ascii: "."), cursor.fraction() >= 0, cursor.take("]") {
      cursor.skipSpaces()
      unit = "kernel"
      return true
    }
    cursor.position = start + 1
    skipWeekday(&cursor)
    if let stamp = cursor.syslogTime(), cursor.take("]") {
      cursor.skipSpaces()
      time = stamp
      unit = "kernel"
      return true
    }
    cursor.position = start
    return false
  }

  /// klog's and logrus' own headers; the outer time wins, being what the node's clock said.
  private mutating func readProgram(_ cursor: inout ByteCursor) {
    cursor.position = start
    if let stamp = cursor.klogTime() {
      time = time ?? stamp
      cursor.skipSpaces()
      let back = cursor.position
      if cursor.number(1...10) != nil { cursor.skipSpaces() } else { cursor.position = back }
      let place = cursor.word()
      if place.last == UInt8(ascii: "]") {
        cursor.skipSpaces()
        start = cursor.position
      }
      isStructured = true
    } else if cursor.take("time=") {
      _ = cursor.take("\\\"") || cursor.take("\"")
      if let stamp = cursor.isoTime() { time = time ?? stamp }
      isStructured = true
    } else if time == nil, let stamp = cursor.isoTime() {
      time = stamp
    } else if readLogrusShort(&cursor) {
      isStructured = true
      start = cursor.position
    }
  }

  /// logrus on a terminal: `FATA[0002] `.
  private func readLogrusShort(_ cursor: inout ByteCursor) -> Bool {
    let begin = cursor.position
    let levels: [StaticString] = ["FATA[", "ERRO[", "WARN[", "INFO[", "DEBU[", "TRAC["]
    if levels.contains(where: { cursor.take($0) }), cursor.number(1...8) != nil, cursor.take("]") {
      cursor.skipSpaces()
      return true
    }
    cursor.position = begin
    return false
  }

  /// journalctl's and Docker's JSON, and the JSON lines of Go programs: the fields that say when, where and who.
  private mutating func readJSON(_ line: ArraySlice<UInt8>) {
    isStructured = true
    let text = String(decoding: line.prefix(64 * 1024), as: UTF8.self)
    if let micro = text.field("__REALTIME_TIMESTAMP"), let value = Double(micro) {
      let seconds = value / 1_000_000
      let days = (seconds / 86_400).rounded(.down)
      time = TimeStamp(year: 1970, month: 1, day: 1, secondsOfDay: days * 86_400 + (seconds - days * 86_400), offset: 0)
    } else if let stamp = text.field("time") ?? text.field("ts") {
      var cursor = ByteCursor(ArraySlice(Array(stamp.utf8)))
      time = cursor.isoTime()
    }
    host = text.field("_HOSTNAME")
    unit = (text.field("SYSLOG_IDENTIFIER") ?? text.field("_SYSTEMD_UNIT")).flatMap { Envelope.component($0) }
  }

  /// The name by which rules know the component that logs as `name`; nil for those that hold several.
  static func component(_ name: String) -> String? {
    let short = name.hasSuffix(".service") ? String(name.dropLast(8)) : name
    switch short {
    case "dockerd": return "docker"
    case "cri-docker": return "cri-dockerd"
    case "k3s", "k3s-agent", "rke2", "rke2-server", "rke2-agent", "k0s", "k0scontroller", "k0sworker", "sh", "bash":
      return nil
    default:
      if short.hasPrefix("microk8s") || short.hasPrefix("snap.microk8s") { return nil }
      return short
    }
  }

  private func isIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: "-_./@()".utf8.contains(byte)
    }
  }

  private func isHostName(_ word: ArraySlice<UInt8>) -> Bool {
    !word.isEmpty && word.count < 128
      && word.allSatisfy { isIdentifier($0) || $0 == UInt8(ascii: ":") } && word.last != UInt8(ascii: ":")
  }

  private func skipWeekday(_ cursor: inout ByteCursor) {
    let days: [StaticString] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "]
    for day in days where cursor.take(day) { return }
    let start = cursor.position
    if cursor.take("周") || cursor.take("星期") {
      cursor.skip { $0 != 0x20 }
      cursor.skipSpaces()
      if cursor.byte?.digit == nil { cursor.position = start }
    }
  }

  private func skipZoneName(_ cursor: inout ByteCursor) {
    let start = cursor.position
    guard cursor.take(" ") else { return }
    cursor.skip { (0x41...0x5a).contains($0) }
    let count = cursor.position - start - 1
    if !(3...5).contains(count) || cursor.byte != 0x20 { cursor.position = start }
  }
}

extension String {
  /// The value of a JSON field at any depth, as far as a header needs it.
  fileprivate func field(_ name: String) -> String? {
    var search = self[...]
    while let found = search.firstRange(of: "\"\(name)\"") {
      var rest = self[found.upperBound...].drop { $0 == " " }
      search = self[found.upperBound...]
      guard rest.first == ":" else { continue }
      rest = rest.dropFirst().drop { $0 == " " }
      if rest.first == "\"" { return String(rest.dropFirst().prefix { $0 != "\"" }) }
      return String(rest.prefix { $0.isNumber || $0 == "." })
    }
    return nil
  }
}
