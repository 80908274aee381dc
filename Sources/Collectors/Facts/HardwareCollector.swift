import Model

/// Processors and memory.
enum HardwareCollector: Collector {
  static let name = "hardware"

  static let answers: [(key: String, summary: String)] = [
    ("cpu.count", "How many processors are online; proc_cpuinfo(5)."),
    ("cpu.architecture", "x86_64, aarch64, …: what uname(2) calls the machine."),
    ("cpu.level", "The x86-64 microarchitecture level, 1 to 4; x86-64 psABI, table 3.1."),
    ("memory.totalBytes", "MemTotal of proc_meminfo(5), in bytes."),
    ("memory.availableBytes", "MemAvailable of proc_meminfo(5), in bytes."),
  ]

  private static let levels: [[String]] = [
    ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"],
    ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"],
    ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let path = "/proc/cpuinfo"
    do throws(ReadError) {
      let bytes = try source.contents(of: path, limit: 8 << 20)
      let lines = String(decoding: bytes, as: UTF8.self).configLines
      let count = lines.count { $0.text.hasPrefix("processor") && $0.text.contains(":") }
      if count > 0 {
        collected.add("cpu.count", .number(Double(count)), from: path)
      } else {
        collected.leaveOpen("cpu.count", because: .malformed("names no processor"))
      }
      let flags = lines.first { $0.text.hasPrefix("flags") }
      if let flags {
        let names = Set(flags.words)
        let level = 1 + (levels.firstIndex { !names.isSuperset(of: $0) } ?? levels.count)
        collected.add("cpu.level", .number(Double(level)), from: path, line: flags.number)
      } else {
        collected.add("cpu.level", nil, from: path)
      }
      if let architecture = try? source.text(of: "/proc/sys/kernel/arch").trimmed {
        collected.add("cpu.architecture", .text(architecture), from: "/proc/sys/kernel/arch", line: 1)
      } else if flags != nil {
        collected.add("cpu.architecture", .text("x86_64"), from: path, line: flags?.number)
      } else {
        collected.leaveOpen("cpu.architecture", because: .notCaptured)
      }
    } catch {
      for key in ["cpu.count", "cpu.level", "cpu.architecture"] { collected.leaveOpen(key, because: error) }
    }
    for (key, field) in [("memory.totalBytes", "MemTotal:"), ("memory.availableBytes", "MemAvailable:")] {
      do throws(ReadError) {
        let lines = try source.text(of: "/proc/meminfo").configLines
        guard let line = lines.first(where: { $0.text.hasPrefix(field) }), line.words.count > 1,
          let amount = Double(line.words[1])
        else { throw .malformed("has no \(field)") }
        collected.add(key, .number(amount * 1024), from: "/proc/meminfo", line: line.number)
      } catch {
        collected.leaveOpen(key, because: error)
      }
    }
    return collected
  }
}
