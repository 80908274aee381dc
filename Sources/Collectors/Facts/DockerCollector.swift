import FoundationEssentials
import Model
import YAMLTree

/// Docker and cri-dockerd, and the programs that run containers.
enum DockerCollector: Collector {
  static let name = "docker"

  static let answers: [(key: String, summary: String)] = [
    ("docker.installed", "Whether dockerd is there."),
    ("docker.version", "The version of its package."),
    ("docker.running", "Whether dockerd runs; proc_pid_cmdline(5)."),
    ("docker.configError", "Why /etc/docker/daemon.json is no JSON; dockerd(8)."),
    ("docker.cgroupDriver", "native.cgroupdriver of dockerd(8); systemd on cgroup v2 where it names none."),
    ("criDockerd.installed", "Whether cri-dockerd is there."),
    ("criDockerd.running", "Whether cri-dockerd runs; proc_pid_cmdline(5)."),
    ("runc.installed", "Whether runc is there."),
    ("runc.version", "The version of its package."),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    Programs.add("dockerd", prefix: "docker", packages: ["docker-ce", "docker.io"], source, &collected)
    Programs.add("cri-dockerd", prefix: "criDockerd", packages: [], source, &collected)
    runc(source, &collected)
    let path = "/etc/docker/daemon.json"
    let fallback = known.text("cgroup.version").map { FactValue.text($0 == "v2" ? "systemd" : "cgroupfs") }
    do throws(ReadError) {
      let bytes = try source.contents(of: path, limit: 1 << 20)
      let tree = try parse(bytes)
      collected.add("docker.configError", nil, from: path)
      let option = tree["exec-opts"]?.items.first { $0.text?.hasPrefix("native.cgroupdriver=") ?? false }
      if let text = option?.text?.split(separator: "=").last.map(String.init) {
        collected.add("docker.cgroupDriver", .text(text), from: path, line: option?.line)
      } else {
        collected.add("docker.cgroupDriver", fallback, from: path)
      }
    } catch {
      switch error {
      case .absent:
        collected.add("docker.configError", nil, from: path)
        collected.add("docker.cgroupDriver", fallback, from: path)
      case .malformed(let reason):
        collected.add("docker.configError", .text(reason), from: path)
        collected.leaveOpen("docker.cgroupDriver", because: error)
      default:
        collected.leaveOpen("docker.configError", because: error)
        collected.leaveOpen("docker.cgroupDriver", because: error)
      }
    }
    return collected
  }

  private struct AnyJSON: Decodable { init(from decoder: any Decoder) throws {} }

  /// JSON is nearly a part of YAML, whose reader knows lines; what only YAML allows is refused here.
  private static func parse(_ bytes: [UInt8]) throws(ReadError) -> YAMLNode {
    if bytes.allSatisfy({ $0 <= 0x20 }) { return YAMLNode(.mapping([]), line: 1) }
    do { _ = try JSONDecoder().decode([String: AnyJSON].self, from: Data(bytes)) } catch {
      throw .malformed("is not valid JSON")
    }
    // Foundation lets a comma before a closing bracket pass; Docker does not.
    if hasTrailingComma(bytes) { throw .malformed("is not valid JSON: a comma stands before a closing bracket") }
    // Tabs indent JSON, but not YAML.
    do { return try YAMLNode.parse(bytes.map { $0 == 0x09 ? 0x20 : $0 }) } catch { throw .malformed("\(error)") }
  }

  private static func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
    var isInString = false
    var isEscaped = false
    var last: UInt8 = 0
    for byte in bytes where isInString || byte > 0x20 {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == 0x22 {
          isInString = false
        }
      } else {
        if byte == 0x22 { isInString = true }
        if last == UInt8(ascii: ","), byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { return true }
      }
      last = byte
    }
    return false
  }

  private static func runc(_ source: any Source, _ collected: inout Collected) {
    collected.answer("runc.installed", from: "/usr/bin/runc") { () throws(ReadError) in
      .bool(try source.program("runc") != nil)
    }
    let packages = InstalledPackages(of: source)
    if let version = packages.version("runc") {
      collected.add("runc.version", .text(version), from: packages.file)
    } else {
      collected.leaveOpen("runc.version", because: .notCaptured)
    }
  }
}
