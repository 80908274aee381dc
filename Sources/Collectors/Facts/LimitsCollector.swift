import Model

/// How near the node is to the kernel's limits.
enum LimitsCollector: Collector {
  static let name = "limits"

  static let answers: [(key: String, summary: String)] = [
    ("conntrack.count", "Tracked connections; nf_conntrack-sysctl.rst."),
    ("conntrack.max", "The most connections that can be tracked; nf_conntrack-sysctl.rst."),
    ("conntrack.usedPercent", "conntrack.count in percent of conntrack.max."),
    ("files.usedPercent", "Open files in percent of fs.file-max; proc_sys_fs(5)."),
    ("pids.usedPercent", "Threads in percent of the lower of kernel.pid_max and threads-max; proc_sys_kernel(5)."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let folder = "/proc/sys/net/netfilter/"
    let (count, limit) = (folder + "nf_conntrack_count", folder + "nf_conntrack_max")
    collected.answer("conntrack.count", from: count) { () throws(ReadError) in .number(try source.number(of: count)) }
    collected.answer("conntrack.max", from: limit) { () throws(ReadError) in .number(try source.number(of: limit)) }
    collected.answer("conntrack.usedPercent", from: count) { () throws(ReadError) in
      percent(try source.number(of: count), of: try source.number(of: limit))
    }
    collected.answer("files.usedPercent", from: "/proc/sys/fs/file-nr") { () throws(ReadError) in
      let numbers = try source.text(of: "/proc/sys/fs/file-nr").configLines.first?.words.compactMap { Double($0) } ?? []
      guard numbers.count == 3 else { throw .malformed("does not hold three numbers") }
      return percent(numbers[0] - numbers[1], of: numbers[2])
    }
    collected.answer("pids.usedPercent", from: "/proc/loadavg") { () throws(ReadError) in
      let words = try source.text(of: "/proc/loadavg").split(separator: " ")
      guard words.count > 3, let threads = words[3].split(separator: "/").last.flatMap({ Double($0) }) else {
        throw .malformed("names no threads")
      }
      let most = min(
        try source.number(of: "/proc/sys/kernel/pid_max"), try source.number(of: "/proc/sys/kernel/threads-max"))
      return percent(threads, of: most)
    }
    return collected
  }

  private static func percent(_ part: Double, of whole: Double) -> FactValue? {
    whole > 0 ? .number((part / whole * 1000).rounded() / 10) : nil
  }
}
