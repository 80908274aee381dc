import Model

/// How long tasks had to wait for processors, memory and disks in the last minute.
///
/// - SeeAlso: https://docs.kernel.org/accounting/psi.html
enum PressureCollector: Collector {
  static let name = "pressure"

  static let answers: [(key: String, summary: String)] = [
    ("pressure.cpuPercent", "the share of the last minute in which some task waited for a processor: psi.rst, some"),
    ("pressure.memoryPercent", "the share of the last minute in which all tasks waited for memory: psi.rst, full"),
    ("pressure.ioPercent", "the share of the last minute in which all tasks waited for disks: psi.rst, full"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    for (key, name, kind) in [
      ("pressure.cpuPercent", "cpu", "some"), ("pressure.memoryPercent", "memory", "full"),
      ("pressure.ioPercent", "io", "full"),
    ] {
      let path = "/proc/pressure/" + name
      // A kernel without PSI, or with psi=0, has no such file, or one that cannot be read.
      do throws(ReadError) {
        let lines = try source.text(of: path).configLines
        guard let line = lines.first(where: { $0.words.first == kind }),
          let field = line.words.first(where: { $0.hasPrefix("avg60=") }), let share = Double(field.dropFirst(6))
        else { throw .malformed("has no average of \(kind)") }
        collected.add(key, .number(share), from: path, line: line.number)
      } catch {
        switch error {
        case .absent, .failed: collected.add(key, nil, from: path)
        default: collected.leaveOpen(key, because: error)
        }
      }
    }
    return collected
  }
}
