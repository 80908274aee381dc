import Model

/// Swap in use, and swap that comes back with the next boot.
enum SwapCollector: Collector {
  static let name = "swap"

  static let answers: [(key: String, summary: String)] = [
    ("swap.areas", "The swap areas in use; proc_swaps(5)."),
    ("swap.fstabEntries", "The swap areas that fstab(5) turns on at boot."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    do throws(ReadError) {
      let areas = try source.text(of: "/proc/swaps").configLines.filter { !$0.text.hasPrefix("Filename") }
      collected.add(
        "swap.areas", .list(areas.compactMap(\.words.first)), from: "/proc/swaps", line: areas.first?.number)
    } catch {
      // A kernel without swap has no such file.
      if case .absent = error, source.has("/proc/meminfo") {
        collected.add("swap.areas", .list([]), from: "/proc/swaps")
      } else {
        collected.leaveOpen("swap.areas", because: error)
      }
    }
    do throws(ReadError) {
      let entries = try source.text(of: "/etc/fstab").configLines.filter {
        $0.words.count > 2 && $0.words[2] == "swap" && !($0.words.count > 3 && $0.words[3].contains("noauto"))
      }
      collected.add(
        "swap.fstabEntries", .list(entries.compactMap(\.words.first)), from: "/etc/fstab", line: entries.first?.number)
    } catch {
      if case .absent = error {
        collected.add("swap.fstabEntries", .list([]), from: "/etc/fstab")
      } else {
        collected.leaveOpen("swap.fstabEntries", because: error)
      }
    }
    return collected
  }
}
