import Model

/// The version of control groups, and the controllers that the kubelet needs.
enum CgroupCollector: Collector {
  static let name = "cgroup"

  static let answers: [(key: String, summary: String)] = [
    ("cgroup.version", "v1, v2 or hybrid: what is mounted on /sys/fs/cgroup; cgroups(7)."),
    ("cgroup.controllers", "The controllers that the kernel offers; cgroups(7)."),
    ("cgroup.missingControllers", "The controllers that the kubelet needs and the kernel does not offer."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let root = "/sys/fs/cgroup"
    do throws(ReadError) {
      let path = root + "/cgroup.controllers"
      let names = try source.text(of: path).split { $0 == " " || $0.isNewline }.map(String.init)
      collected.add("cgroup.version", .text("v2"), from: path, line: 1)
      add(names, needed: ["cpu", "cpuset", "memory", "pids"], path, &collected)
      return collected
    } catch {
      guard case .absent = error else {
        fromMounts(source, error, &collected)
        return collected
      }
    }
    if source.has(root + "/unified/cgroup.controllers") || source.has(root + "/unified/cgroup.procs") {
      collected.add("cgroup.version", .text("hybrid"), from: root + "/unified")
    } else if source.has(root + "/memory") || source.has(root + "/cpu") || source.has(root + "/systemd") {
      collected.add("cgroup.version", .text("v1"), from: root)
    } else {
      fromMounts(source, .notCaptured, &collected)
      return collected
    }
    fromKernel(source, &collected)
    return collected
  }

  /// proc_pid_mounts(5) tells the version where /sys was not captured.
  private static func fromMounts(_ source: any Source, _ error: ReadError, _ collected: inout Collected) {
    let path = source.has("/proc/1/mounts") ? "/proc/1/mounts" : "/proc/mounts"
    let mounts = ((try? source.text(of: path)) ?? "").configLines.filter { $0.words.count > 2 }
    let unified = mounts.first { $0.words[2] == "cgroup2" }
    let old = mounts.first { $0.words[2] == "cgroup" }
    switch (unified, old) {
    case (let unified?, nil):
      collected.add("cgroup.version", .text("v2"), from: path, line: unified.number)
      collected.leaveOpen("cgroup.controllers", because: error)
      collected.leaveOpen("cgroup.missingControllers", because: error)
    case (_, let old?):
      collected.add("cgroup.version", .text(unified == nil ? "v1" : "hybrid"), from: path, line: old.number)
      fromKernel(source, &collected)
    case (nil, nil): for answer in answers { collected.leaveOpen(answer.key, because: error) }
    }
  }

  private static func fromKernel(_ source: any Source, _ collected: inout Collected) {
    do throws(ReadError) {
      let lines = try source.text(of: "/proc/cgroups").configLines
      let names = lines.filter { $0.words.count > 3 && $0.words[3] == "1" }.map { $0.words[0] }
      add(names, needed: ["cpu", "cpuacct", "cpuset", "devices", "freezer", "memory"], "/proc/cgroups", &collected)
    } catch {
      collected.leaveOpen("cgroup.controllers", because: error)
      collected.leaveOpen("cgroup.missingControllers", because: error)
    }
  }

  private static func add(_ names: [String], needed: [String], _ path: String, _ collected: inout Collected) {
    collected.add("cgroup.controllers", .list(names), from: path, line: 1)
    collected.add("cgroup.missingControllers", .list(needed.filter { !names.contains($0) }), from: path, line: 1)
  }
}
