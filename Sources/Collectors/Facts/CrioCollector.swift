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
      for key in ["crio.cgroupDriver", "crio.pauseImage"] { collected.leaveOpen(key, because: failure.error) }
      return collected
    }
    collected.add("crio.configError", nil, from: main)
    let driver = layers.value(["crio", "runtime", "cgroup_manager"])
    collected.add(
      "crio.cgroupDriver", .text(driver?.value.text ?? "systemd"), from: driver?.file ?? main, line: driver?.value.line)
    let image = layers.value(["crio", "image", "pause_image"])
    collected.add(
      "crio.pauseImage", (image?.value.text).map { .text($0) }, from: image?.file ?? main, line: image?.value.line)
    return collected
  }
}
