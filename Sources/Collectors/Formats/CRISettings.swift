import Model

/// Settings of containerd's CRI plugin that it refuses when it is loaded.
///
/// - SeeAlso: https://github.com/containerd/containerd/blob/main/docs/cri/config.md
enum CRISettings {
  /// Why the plugin would not load, and where that is written; nil where it would.
  static func fault(
    of config: ContainerdConfig, version: String?
  ) -> (reason: String, file: String, line: Int?)? {
    let layers = config.layers
    func place(_ path: [String], _ reason: String) -> (String, String, Int?) {
      (reason, layers.value(path)?.file ?? config.path, layers.value(path)?.value.line)
    }
    let registry = config.imagesTable + ["registry"]
    let folder = registry + ["config_path"]
    if layers.value(folder).map({ !$0.value.text.isEmpty }) ?? false {
      if !layers.keys(below: registry + ["mirrors"]).isEmpty {
        return place(folder, "mirrors cannot be set when config_path is")
      }
      let hosts = layers.keys(below: registry + ["configs"])
      if hosts.contains(where: { !layers.keys(below: registry + ["configs", $0, "tls"]).isEmpty }) {
        return place(folder, "configs.tls cannot be set when config_path is")
      }
    }
    let old = config.runtimeTable + ["systemd_cgroup"]
    // The key is for runtimes of before 1.4; containerd 2.0 no longer has it.
    let hasOldKey =
      version.map { !isVersion($0, olderThan: "1.4") && isVersion($0, olderThan: "2.0") } ?? (config.version == 2)
    let type = layers.value(config.runtimeTable + ["containerd", "runtimes", config.defaultRuntime, "runtime_type"])
    if config.version < 3, hasOldKey, type?.value.text != "io.containerd.runtime.v1.linux",
      layers.value(old)?.value.text == "true"
    {
      return place(old, "systemd_cgroup is not for runtimes of type io.containerd.runc.v2")
    }
    let runtimes = layers.keys(below: config.runtimeTable + ["containerd", "runtimes"])
    let chosen = config.defaultRuntime
    if chosen != "runc", !chosen.isEmpty, !chosen.contains("$"), !runtimes.contains(chosen) {
      return place(
        config.runtimeTable + ["containerd", "default_runtime_name"],
        "default_runtime_name is \(chosen), which no runtime is called")
    }
    return nil
  }

  /// What the default runtime starts.
  static func programs(of config: ContainerdConfig) -> [String] {
    let name = config.defaultRuntime.isEmpty ? "runc" : config.defaultRuntime
    let path = config.runtimeTable + ["containerd", "runtimes", name, "options", "BinaryName"]
    let program = config.layers.value(path)?.value.text ?? ""
    return program.isEmpty || program.contains("$") ? [] : [program]
  }
}
