import Model

/// containerd: whether it is there and runs, and what its configuration says.
enum ContainerdCollector: Collector {
  static let name = "containerd"

  static let answers: [(key: String, summary: String)] = [
    ("containerd.installed", "Whether its program is there."),
    ("containerd.version", "The version of its package."),
    ("containerd.running", "Whether a process of its name runs; proc_pid_cmdline(5)."),
    ("containerd.configPath", "Its configuration file; --config of containerd(8)."),
    ("containerd.configExists", "Whether the configuration file is there; without it the defaults hold."),
    ("containerd.configError", "Why the configuration is no TOML; containerd-config.toml(5)."),
    ("containerd.configVersion", "version of containerd-config.toml(5); 1 where it names none."),
    ("containerd.disabledPlugins", "disabled_plugins of containerd-config.toml(5), imports included."),
    ("containerd.criDisabled", "Whether disabled_plugins turns CRI off."),
    ("containerd.cgroupDriver", "systemd where SystemdCgroup is set for the default runtime, else cgroupfs."),
    ("containerd.ignoredKeys", "CRI tables of another version of the file, which containerd ignores."),
    ("containerd.sandboxImage", "The pause image of CRI."),
    ("containerd.snapshotter", "The snapshotter of CRI."),
    ("containerd.cniBinDirs", "The folders of CNI plugins."),
    ("containerd.cniConfDir", "The folder of CNI configurations."),
    ("containerd.runtimes", "The runtimes that CRI offers."),
    ("containerd.criConfigError", "Why CRI refuses its settings, although the file can be parsed."),
    ("containerd.runtimePrograms", "The programs that CRI's runtimes start, by path or by name."),
    ("containerd.registryConflict", "Whether config_path and mirrors are both set, which CRI refuses."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    Programs.add("containerd", prefix: "containerd", packages: ["containerd.io", "containerd"], source, &collected)
    let path = configPath(source, known)
    collected.add("containerd.configPath", .text(path), from: path)
    let config = ContainerdConfig(path: path, source: source)
    if let failure = config.failure {
      switch failure.error {
      case .absent where failure.path == path:
        collected.add("containerd.configExists", .bool(false), from: path)
        collected.add("containerd.configError", nil, from: path)
      case .malformed(let reason):
        collected.add("containerd.configExists", .bool(true), from: path)
        collected.add("containerd.configError", .text(reason), from: failure.path, line: line(in: reason))
        open(failure.error, &collected)
        return collected
      case .absent:
        // A file that is imported by its name must be there.
        collected.add("containerd.configExists", .bool(true), from: path)
        collected.add("containerd.configError", .text("imports \(failure.path), which does not exist"), from: path)
      default:
        for key in ["containerd.configExists", "containerd.configError"] {
          collected.leaveOpen(key, because: failure.error)
        }
        open(failure.error, &collected)
        return collected
      }
    } else {
      collected.add("containerd.configExists", .bool(true), from: path)
      collected.add("containerd.configError", nil, from: path)
    }
    let version = collected.facts.last { $0.key == "containerd.version" }?.value?.text
    if config.version >= 3, let version, isVersion(version, olderThan: "2.0") {
      let reason = "version \(config.version) of the file needs containerd 2.0, this is \(version)"
      let place = config.layers.value(["version"])
      collected.add("containerd.configError", .text(reason), from: place?.file ?? path, line: place?.value.line)
      open(.malformed(reason), &collected)
      return collected
    }
    add(config, version, &collected)
    return collected
  }

  private static func configPath(_ source: any Source, _ known: KnownFacts) -> String {
    switch known.text("node.distribution") {
    case "k3s": return "/var/lib/rancher/k3s/agent/etc/containerd/config.toml"
    case "rke2": return "/var/lib/rancher/rke2/agent/etc/containerd/config.toml"
    case "microk8s": return "/var/snap/microk8s/current/args/containerd.toml"
    default: break
    }
    if let unit = try? UnitFile.read("containerd.service", from: source) {
      let flags = Flags(unit.commandLine(from: source))
      if let flag = flags["config"] ?? flags["c"] { return flag.value }
    }
    return "/etc/containerd/config.toml"
  }

  private static func line(in reason: String) -> Int? {
    reason.hasPrefix("line ") ? Int(reason.dropFirst(5).prefix { $0.isNumber }) : nil
  }

  private static func open(_ error: ReadError, _ collected: inout Collected) {
    for (key, _) in answers.dropFirst(6) { collected.leaveOpen(key, because: error) }
  }

  private static func add(_ config: ContainerdConfig, _ version: String?, _ collected: inout Collected) {
    let layers = config.layers
    func place(_ path: [String]) -> (file: String, line: Int?) {
      layers.value(path).map { ($0.file, $0.value.line) } ?? (config.path, nil)
    }
    func text(_ key: String, _ path: [String], default fallback: String?) {
      let at = place(path)
      let value = layers.value(path)?.value.text ?? fallback
      collected.add(key, value.map { .text($0) }, from: at.file, line: at.line)
    }
    collected.add(
      "containerd.configVersion", .number(Double(config.version)), from: place(["version"]).file,
      line: place(["version"]).line)
    let disabled = config.disabledPlugins
    let at = place(["disabled_plugins"])
    collected.add("containerd.disabledPlugins", .list(disabled), from: at.file, line: at.line)
    let names: Set<String> = [
      "cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images",
    ]
    let isDisabled = !names.isDisjoint(with: disabled)
    collected.add("containerd.criDisabled", .bool(isDisabled), from: at.file, line: at.line)
    // A CRI that is turned off has no driver: saying one would hide the cause behind a mismatch.
    let fault = isDisabled ? nil : CRISettings.fault(of: config, version: version)
    collected.add(
      "containerd.criConfigError", (fault?.reason).map { .text($0) }, from: fault?.file ?? config.path,
      line: fault?.line)
    let programs = CRISettings.programs(of: config)
    collected.add("containerd.runtimePrograms", .list(programs), from: config.path)
    if isDisabled || fault != nil {
      collected.add("containerd.cgroupDriver", nil, from: fault?.file ?? at.file, line: fault?.line ?? at.line)
    } else if config.failure != nil, collected.facts.contains(where: isAbsentProgram) {
      // The defaults of a program that is not there hold for nobody.
      collected.leaveOpen("containerd.cgroupDriver", because: .notCaptured)
    } else {
      driver(config, &collected)
    }
    collected.add("containerd.ignoredKeys", .list(config.ignoredTables.map { "plugins." + $0 }), from: config.path)
    let image =
      config.version < 3 ? config.runtimeTable + ["sandbox_image"] : config.imagesTable + ["pinned_images", "sandbox"]
    text("containerd.sandboxImage", image, default: nil)
    let snapshotter =
      config.version < 3 ? config.runtimeTable + ["containerd", "snapshotter"] : config.imagesTable + ["snapshotter"]
    text("containerd.snapshotter", snapshotter, default: "overlayfs")
    let cni = config.runtimeTable + ["cni"]
    text("containerd.cniConfDir", cni + ["conf_dir"], default: "/etc/cni/net.d")
    if let list = layers.list(cni + ["bin_dirs"]) {
      collected.add("containerd.cniBinDirs", .list(list.items), from: list.file, line: list.line)
    } else {
      let folder = layers.value(cni + ["bin_dir"])?.value.text ?? "/opt/cni/bin"
      let at = place(cni + ["bin_dir"])
      collected.add("containerd.cniBinDirs", .list([folder]), from: at.file, line: at.line)
    }
    let runtimes = layers.keys(below: config.runtimeTable + ["containerd", "runtimes"])
    collected.add("containerd.runtimes", .list(runtimes.isEmpty ? ["runc"] : runtimes), from: config.path)
    registry(config, &collected)
  }

  private static func isAbsentProgram(_ fact: Fact) -> Bool {
    fact.key == "containerd.installed" && fact.value == .bool(false)
  }

  private static func driver(_ config: ContainerdConfig, _ collected: inout Collected) {
    let table = config.runtimeTable
    let options = table + ["containerd", "runtimes", config.defaultRuntime, "options", "SystemdCgroup"]
    let found = config.layers.value(options) ?? config.layers.value(table + ["systemd_cgroup"])
    let isSystemd = found?.value.text == "true"
    collected.add(
      "containerd.cgroupDriver", .text(isSystemd ? "systemd" : "cgroupfs"), from: found?.file ?? config.path,
      line: found?.value.line)
  }

  private static func registry(_ config: ContainerdConfig, _ collected: inout Collected) {
    let table = config.imagesTable + ["registry"]
    let folder = config.layers.value(table + ["config_path"])
    let mirrors = config.layers.keys(below: table + ["mirrors"])
    let conflict = !(folder?.value.text.isEmpty ?? true) && !mirrors.isEmpty
    collected.add(
      "containerd.registryConflict", .bool(conflict), from: folder?.file ?? config.path, line: folder?.value.line)
  }
}
