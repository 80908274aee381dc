import Model

/// The operating system: os-release(5), the kernel's release, the host's name, and the time on the node.
enum OSCollector: Collector {
  static let name = "os"

  static let answers: [(key: String, summary: String)] = [
    ("node.hostname", "The host's name; hostname(5)."),
    (
      "node.time",
      "Now on the node, in seconds since 1970 UTC: proc_stat(5), proc_uptime(5), else of its newest log entry."
    ),
    ("node.isDisk", "Whether this is a disk without its running system: no kernel's files were captured."),
    ("os.id", "ID of os-release(5)."),
    ("os.versionId", "VERSION_ID of os-release(5)."),
    ("os.name", "PRETTY_NAME of os-release(5)."),
    ("os.packageManager", "apt, dnf, yum, zypper or none, by ID and ID_LIKE of os-release(5)."),
    ("kernel.release", "The running kernel; uname(2)."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let running = "/proc/sys/kernel/hostname"
    if let name = try? source.text(of: running).trimmed, !name.isEmpty {
      collected.add("node.hostname", .text(name), from: running, line: 1)
    } else {
      collected.answer("node.hostname", from: "/etc/hostname") { () throws(ReadError) in
        (try source.text(of: "/etc/hostname").configLines.first?.text).map { .text($0) }
      }
    }
    addTime(to: &collected, from: source)
    addIsDisk(to: &collected, from: source)
    collected.answer("kernel.release", from: "/proc/sys/kernel/osrelease") { () throws(ReadError) in
      .text(try source.text(of: "/proc/sys/kernel/osrelease").trimmed)
    }
    release(source, &collected)
    return collected
  }

  private static func addIsDisk(to collected: inout Collected, from source: any Source) {
    guard source.canTell("/etc") else { return collected.leaveOpen("node.isDisk", because: .notCaptured) }
    let isDisk = ["/proc/stat", "/proc/uptime"].allSatisfy {
      if case .unknown(.notCaptured) = source.reading($0) { true } else { false }
    }
    collected.add("node.isDisk", .bool(isDisk), from: "/proc")
  }

  /// Where the kernel was not captured, as on a mounted disk, the newest log entry is the latest that is known.
  private static func addTime(to collected: inout Collected, from source: any Source) {
    do throws(ReadError) {
      collected.add("node.time", .number(try time(source)), from: "/proc/stat")
    } catch {
      if case .notCaptured = error, let newest = LogClock.newest(in: source) {
        return collected.add("node.time", .number(newest.seconds), from: newest.path)
      }
      guard case .absent = error else { return collected.leaveOpen("node.time", because: error) }
      collected.add("node.time", nil, from: "/proc/stat")
    }
  }

  private static func time(_ source: any Source) throws(ReadError) -> Double {
    let stat = try source.text(of: "/proc/stat")
    let uptime = try source.text(of: "/proc/uptime")
    guard let line = stat.configLines.first(where: { $0.text.hasPrefix("btime ") }),
      let start = line.words.last.flatMap({ Double($0) }),
      let seconds = uptime.split(separator: " ").first.flatMap({ Double($0) })
    else { throw .malformed("has no start time") }
    return (start + seconds).rounded(.down)
  }

  private static func release(_ source: any Source, _ collected: inout Collected) {
    let keys = ["os.id", "os.versionId", "os.name", "os.packageManager"]
    var failure = ReadError.absent
    for path in ["/etc/os-release", "/usr/lib/os-release"] {
      do throws(ReadError) {
        let lines = try source.text(of: path).assignments
        func find(_ key: String) -> (value: String, line: Int)? {
          lines.last { $0.key == key }.map { ($0.value, $0.line) }
        }
        for (fact, key) in [("os.id", "ID"), ("os.versionId", "VERSION_ID"), ("os.name", "PRETTY_NAME")] {
          let found = find(key)
          collected.add(fact, found.map { .text($0.value) }, from: path, line: found?.line)
        }
        let families = [find("ID")?.value ?? ""] + (find("ID_LIKE")?.value ?? "").split(separator: " ").map(String.init)
        let manager = packageManager(families, version: find("VERSION_ID")?.value ?? "")
        collected.add("os.packageManager", .text(manager), from: path, line: find("ID")?.line)
        return
      } catch {
        // A file that is there but cannot be read says more than one that was not captured.
        if case .notCaptured = error { failure = error } else if case .absent = error {} else { failure = error }
      }
    }
    for key in keys {
      if case .absent = failure {
        collected.add(key, nil, from: "/etc/os-release")
      } else {
        collected.leaveOpen(key, because: failure)
      }
    }
  }

  private static func packageManager(_ families: [String], version: String) -> String {
    for family in families {
      switch family {
      case "debian", "ubuntu": return "apt"
      case "centos", "rhel", "fedora", "rocky", "almalinux", "ol", "amzn", "openEuler", "anolis", "kylin":
        let isOld = families[0] == "amzn" ? version == "2" : families[0] != "fedora" && version.hasPrefix("7")
        return isOld ? "yum" : "dnf"
      case "suse", "opensuse", "sles": return "zypper"
      default: continue
      }
    }
    return "none"
  }
}
