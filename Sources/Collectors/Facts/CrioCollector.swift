import Model

/// CRI-O: whether it is there and runs, and what its configuration says.
enum CrioCollector: Collector {
  static let name = "crio"

  static let answers: [(key: String, summary: String)] = [
    ("crio.installed", "Whether its program is there."),
    ("crio.version", "The version of its package."),
    ("crio.running", "Whether a process of its name runs; proc_pid_cmdline(5)."),
    ("crio.configError", "Why a configuration file is no TOML; crio.conf(5)."),
    ("crio.cgroupDriver", "cgroup_manager of crio.conf(5); systemd where it names none."),
    ("crio.pauseImage", "pause_image of crio.conf(5)."),
    ("crio.networkDir", "network_dir of crio.conf(5), the folder of CNI configurations."),
    ("crio.pluginDirs", "plugin_dirs of crio.conf(5), the folders of CNI plugins."),
    ("crio.runtimePrograms", "runtime_path of the default runtime, crio.conf(5)."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    Programs.add("crio", prefix: "crio", packages: ["cri-o"], source, &collected)
    let main = "/etc/crio/crio.conf"
    var layers = LayeredTOML()
    var failure: (path: String, error: ReadError)?
    let files = [main] + source.names(in: main + ".d").map { main + ".d/" + $0 }
    for file in files {
      do throws(ReadError) {
        layers.add(file, try TOMLDocument(try source.contents(of: file, limit: 1 << 20)))
      } catch {
        if case .absent = error { continue }
        failure = (file, error)
      }
    }
    if let failure {
      if case .malformed(let reason) = failure.error {
        collected.add("crio.configError", .text(reason), from: failure.path)
      } else {
        collected.leaveOpen("crio.configError", because: failure.error)
      }
      for (key, _) in answers.dropFirst(4) { collected.leaveOpen(key, because: failure.error) }
      return collected
    }
    collected.add("crio.configError", nil, from: main)
    let driver = layers.value(["crio", "runtime", "cgroup_manager"])
    collected.add(
      "crio.cgroupDriver", .text(driver?.value.text ?? "systemd"), from: driver?.file ?? main, line: driver?.value.line)
    let image = layers.value(["crio", "image", "pause_image"])
    collected.add(
      "crio.pauseImage", (image?.value.text).map { .text($0) }, from: image?.file ?? main, line: image?.value.line)
    addFolders(layers, main, &collected)
    return collected
  }

  private static func addFolders(_ layers: LayeredTOML, _ main: String, _ collected: inout Collected) {
    let folder = layers.value(["crio", "network", "network_dir"])
    collected.add(
      "crio.networkDir", .text(folder?.value.text ?? "/etc/cni/net.d"), from: folder?.file ?? main,
      line: folder?.value.line)
    let plugins = layers.list(["crio", "network", "plugin_dirs"])
    // The packaged default of old is one folder, which distributions set otherwise.
    let usual = ["/opt/cni/bin", "/usr/libexec/cni"]
    collected.add(
      "crio.pluginDirs", .list(plugins.flatMap { $0.items.isEmpty ? nil : $0.items } ?? usual),
      from: plugins?.file ?? main, line: plugins?.line)
    let name = layers.value(["crio", "runtime", "default_runtime"])?.value.text ?? ""
    let program = layers.value(["crio", "runtime", "runtimes", name, "runtime_path"])
    let path = program?.value.text ?? ""
    collected.add(
      "crio.runtimePrograms", .list(path.isEmpty ? [] : [path]), from: program?.file ?? main, line: program?.value.line)
  }
}
