import Model

/// What may forbid programs and packets.
///
/// - SeeAlso: selinux(8), apparmor(7), firewalld(1), ufw(8)
enum SecurityCollector: Collector {
  static let name = "security"

  static let answers: [(key: String, summary: String)] = [
    ("selinux.mode", "enforcing, permissive or disabled: selinux(8)"),
    ("apparmor.enabled", "whether the kernel uses AppArmor: apparmor(7)"),
    ("firewall.firewalldActive", "whether firewalld runs: firewalld(1)"),
    ("firewall.ufwActive", "whether ufw is switched on: ufw(8)"),
    ("security.agents", "programs that watch or block others, by process name: proc_pid_comm(5)"),
  ]

  /// Process names, as the kernel cuts them at 15 bytes, and the products that they belong to.
  private static let agents: [(process: String, product: String)] = [
    ("clamd", "ClamAV"), ("freshclam", "ClamAV"), ("falcon-sensor", "CrowdStrike Falcon"),
    ("falcon-sensor-b", "CrowdStrike Falcon"), ("wdavdaemon", "Microsoft Defender"), ("mdatp", "Microsoft Defender"),
    ("savd", "Sophos"), ("savscand", "Sophos"), ("sophos_manageme", "Sophos"), ("ds_agent", "Trend Micro"),
    ("ds_am", "Trend Micro"), ("cbagentd", "Carbon Black"), ("cbdaemon", "Carbon Black"), ("s1-agent", "SentinelOne"),
    ("sisidsdaemon", "Symantec"), ("sisipsdaemon", "Symantec"), ("rtvscand", "Symantec"), ("xagt", "Trellix"),
    ("isectpd", "McAfee"), ("nailsd", "McAfee"), ("kesl", "Kaspersky"), ("AliYunDun", "Alibaba Cloud Security"),
    ("AliSecGuard", "Alibaba Cloud Security"), ("YDService", "Tencent Cloud Security"),
    ("YDEdr", "Tencent Cloud Security"),
    ("titanagent", "Qingteng"), ("hostguard", "Huawei HSS"), ("edr_agent", "Sangfor EDR"), ("fapolicyd", "fapolicyd"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    addSELinux(to: &collected, from: source)
    addAppArmor(to: &collected, from: source)
    addFirewall(to: &collected, from: source)
    let processes: [(name: String, path: String)]
    do throws(ReadError) { processes = try names(of: source) } catch {
      collected.leaveOpen(["security.agents", "firewall.firewalldActive"], because: error)
      return collected
    }
    var found: [String] = []
    var path: String?
    for process in processes {
      guard let agent = agents.first(where: { $0.process == process.name }) else { continue }
      if path == nil { path = process.path }
      found.append("\(agent.product) (\(agent.process))")
    }
    collected.add("security.agents", list: found.distinct.sorted(), from: path ?? "/proc")
    let firewall = processes.first { $0.name == "firewalld" }
    collected.add("firewall.firewalldActive", bool: firewall != nil, from: firewall?.path ?? "/proc")
    return collected
  }

  /// The names of all processes.
  private static func names(of source: any Source) throws(ReadError) -> [(name: String, path: String)] {
    let ids = try source.entries(of: "/proc").compactMap { Int($0) }.sorted().prefix(100_000)
    let names = ids.compactMap { id -> (name: String, path: String)? in
      let path = "/proc/\(id)/comm"
      return source.reading(path).value.map { ($0.trimmed, path) }
    }
    if names.isEmpty { throw .notCaptured }
    return names
  }

  private static func addSELinux(to collected: inout Collected, from source: any Source) {
    let key = "selinux.mode"
    let enforce = "/sys/fs/selinux/enforce"
    switch source.reading(enforce) {
    case .found(let text):
      return collected.add(key, .text(text.trimmed == "1" ? "enforcing" : "permissive"), from: enforce)
    case .absent:
      // Without its file system, SELinux is off in a kernel that shows its other file systems.
      if let systems = source.listing("/sys/fs").value, !systems.isEmpty, !systems.contains("selinux") {
        return collected.add(key, .text("disabled"), from: "/sys/fs")
      }
    case .unknown: break
    }
    let path = "/etc/selinux/config"
    switch source.reading(path) {
    // Only the kernel can say that SELinux is off without having been switched off.
    case .absent: collected.leaveOpen(key, because: .notCaptured)
    case .unknown(let error): collected.leaveOpen(key, because: error)
    case .found(let text):
      let line = numberedLines(text).first { $0.text.trimmed.hasPrefix("SELINUX=") }
      let mode = line.map { String($0.text.trimmed.dropFirst(8)).trimmed.lowercased() }
      guard let mode, ["enforcing", "permissive", "disabled"].contains(mode) else {
        return collected.leaveOpen(key, because: .malformed("\(path) has no usable SELINUX="))
      }
      collected.add(key, .text(mode), from: path, line: line?.number)
    }
  }

  private static func addAppArmor(to collected: inout Collected, from source: any Source) {
    let path = "/sys/module/apparmor/parameters/enabled"
    switch source.reading(path) {
    case .absent: collected.add("apparmor.enabled", bool: false, from: path)
    case .unknown(let error): collected.leaveOpen("apparmor.enabled", because: error)
    case .found(let text): collected.add("apparmor.enabled", bool: text.trimmed == "Y", from: path)
    }
  }

  private static func addFirewall(to collected: inout Collected, from source: any Source) {
    let path = "/etc/ufw/ufw.conf"
    switch source.reading(path) {
    case .absent: collected.add("firewall.ufwActive", bool: false, from: path)
    case .unknown(let error): collected.leaveOpen("firewall.ufwActive", because: error)
    case .found(let text):
      let line = numberedLines(text).first { $0.text.trimmed.lowercased().hasPrefix("enabled=") }
      let isOn = line.map { String($0.text.trimmed.dropFirst(8)).lowercased().contains("yes") } ?? false
      collected.add("firewall.ufwActive", bool: isOn, from: path, line: line?.number)
    }
  }
}
