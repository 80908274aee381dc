import Model

/// Swap in use, and swap that comes back with the next boot.
enum SwapCollector: Collector {
  static let name = "swap"

  static let answers: [(key: String, summary: String)] = [
    ("swap.areas", "The swap areas in use; proc_swaps(5)."),
    ("swap.fstabEntries", "The swap areas that fstab(5) turns on at boot."),
    (
      "swap.bootAreas",
      "All that turns swap on at boot: fstab(5), systemd.swap(5) and zram-generator.conf(5)."
    ),
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
    addBootAreas(to: &collected, from: source)
    return collected
  }

  /// Swap by fstab, by units that are switched on, and by the generator of compressed swap.
  private static func addBootAreas(to collected: inout Collected, from source: any Source) {
    let key = "swap.bootAreas"
    guard let fact = collected.facts.first(where: { $0.key == "swap.fstabEntries" }),
      case .list(let entries)? = fact.value
    else { return collected.leaveOpen(key, because: .notCaptured) }
    let folder = "/etc/systemd/system"
    let masked = try? source.status(of: folder + "/swap.target", followingLinks: false)
    if masked?.target == "/dev/null" { return collected.add(key, list: [], from: folder + "/swap.target") }
    let units = source.names(in: folder).filter { $0.hasSuffix(".wants") || $0.hasSuffix(".requires") }.flatMap {
      wants in
      source.names(in: "\(folder)/\(wants)").filter { $0.hasSuffix(".swap") }.map { "\(folder)/\(wants)/\($0)" }
    }
    let zram = compressed(source)
    let all = entries + units + (zram.map { [$0] } ?? [])
    let origin = entries.isEmpty ? units.first ?? zram : nil
    collected.add(key, list: all, from: origin ?? fact.source, line: origin == nil ? fact.line : nil)
  }

  /// The file that makes the generator set up a device; the first of the places counts, and an empty one turns it off.
  ///
  /// - SeeAlso: zram-generator.conf(5)
  private static func compressed(_ source: any Source) -> String? {
    let generators = ["/usr/lib/systemd/system-generators", "/lib/systemd/system-generators"]
    guard generators.contains(where: { source.has($0 + "/zram-generator") }) else { return nil }
    for folder in ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"] {
      let path = folder + "/zram-generator.conf"
      if let text = source.reading(path).value {
        return text.configLines.contains { $0.text.hasPrefix("[zram") } ? path : nil
      }
    }
    return nil
  }
}
