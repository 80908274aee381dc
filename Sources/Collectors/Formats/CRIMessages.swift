import Model
import YAMLTree

/// What a runtime says of itself: `VersionResponse` of the container runtime interface, the same in v1 and v1alpha2.
///
/// - SeeAlso: https://github.com/kubernetes/cri-api/blob/master/pkg/apis/runtime/v1/api.proto
struct CRIVersion: Sendable {
  /// containerd, cri-o or docker.
  let name: String
  let version: String

  init(_ bytes: [UInt8]) throws(ReadError) {
    let message = try ProtobufMessage(bytes[...])
    name = message.text(2)
    version = message.text(3)
  }
}

/// How a runtime is: `StatusResponse` of the container runtime interface, the same in v1 and v1alpha2.
struct CRIStatus: Sendable {
  struct Condition: Sendable {
    let type: String
    let holds: Bool
    let reason: String
    let message: String
  }

  /// The request, with `verbose`.
  static let request: [UInt8] = [0x08, 0x01]

  let conditions: [Condition]
  /// What the runtime adds when it is asked for more: texts of its own, mostly JSON.
  let info: [String: String]

  init(_ bytes: [UInt8]) throws(ReadError) {
    let message = try ProtobufMessage(bytes[...])
    var conditions: [Condition] = []
    for status in try message.messages(1) {
      for part in try status.messages(1) {
        conditions.append(
          Condition(type: part.text(1), holds: part.flag(2), reason: part.text(3), message: part.text(4)))
      }
    }
    self.conditions = conditions
    info = Dictionary(
      try message.messages(2).map { ($0.text(1), $0.text(2)) }, uniquingKeysWith: { $1 })
  }

  func condition(_ type: String) -> Condition? { conditions.last { $0.type == type } }
}

/// The configuration that a runtime works with, from the `info` of its status. Nil is what it does not say.
///
/// containerd gives JSON under `config` and `cniconfig`. CRI-O gives what it does give under `config`, as JSON or TOML.
///
/// - SeeAlso: https://github.com/containerd/containerd/blob/main/internal/cri/server/status.go
/// - SeeAlso: https://github.com/cri-o/cri-o/blob/main/server/runtime_status.go
struct ConfigInForce: Sendable {
  private(set) var cgroupDriver: String?
  private(set) var cniConfDir: String?
  private(set) var cniBinDirs: [String]?
  private(set) var lastCNILoadStatus: String?

  init(_ info: [String: String]) {
    func json(_ key: String) -> YAMLNode? { info[key].flatMap { try? JSONTree.parse($0) } }
    if let config = json("config") {
      takeContainerd(config)
    } else if let config = info["config"], let document = try? TOMLDocument(Array(config.utf8)) {
      takeCrio(document)
    }
    if let cni = json("cniconfig") {
      cniConfDir = cni["PluginConfDir"]?.text ?? cniConfDir
      if let folders = cni["PluginDirs"]?.texts, !folders.isEmpty { cniBinDirs = folders }
    }
    lastCNILoadStatus = json("lastCNILoadStatus")?.text ?? info["lastCNILoadStatus"]
  }

  /// Takes the driver from `RuntimeConfigResponse`: systemd is 0, which is not sent, and cgroupfs is 1.
  mutating func take(runtimeConfig bytes: [UInt8]) {
    guard let linux = try? ProtobufMessage(bytes[...]).messages(1).last else { return }
    cgroupDriver = linux.flag(1) ? "cgroupfs" : "systemd"
  }

  private mutating func takeContainerd(_ config: YAMLNode) {
    if let runtimes = config["containerd"]?["runtimes"] {
      let runtime = runtimes[config["containerd"]?["defaultRuntimeName"]?.text ?? "runc"]
      let isSystemd = runtime?["options"]?["SystemdCgroup"]?.bool ?? config["systemdCgroup"]?.bool ?? false
      if runtime != nil { cgroupDriver = isSystemd ? "systemd" : "cgroupfs" }
    }
    cniConfDir = config["cni"]?["confDir"]?.text
    if let folders = config["cni"]?["binDirs"]?.texts ?? config["cni"]?["binDir"]?.texts, !folders.isEmpty {
      cniBinDirs = folders
    }
  }

  private mutating func takeCrio(_ config: TOMLDocument) {
    cgroupDriver = config.value(["crio", "runtime", "cgroup_manager"])?.text
    cniConfDir = config.value(["crio", "network", "network_dir"])?.text
    cniBinDirs = config.list(["crio", "network", "plugin_dirs"])
  }
}
