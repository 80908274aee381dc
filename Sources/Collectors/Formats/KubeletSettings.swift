import Model
import YAMLTree

/// What the kubelet was told: its flags and its configuration file, each value with its origin.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
/// - SeeAlso: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
struct KubeletSettings: Sendable {
  let unit: UnitFile?
  let process: Processes.Process?
  let flags: Flags
  /// Where the configuration file is, or should be; nil where the kubelet was told of none.
  private(set) var configPath: String?
  private(set) var configOrigin: (file: String, line: Int?) = ("", nil)
  /// The configuration, where it could be read.
  private(set) var config: YAMLNode?
  private(set) var configFailure: ReadError?

  static let defaultConfig = "/var/lib/kubelet/config.yaml"
  private static let environmentFiles = [
    ("/var/lib/kubelet/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS"), ("/etc/default/kubelet", "KUBELET_EXTRA_ARGS"),
    ("/etc/sysconfig/kubelet", "KUBELET_EXTRA_ARGS"),
  ]

  /// What flags and configuration say about `flag` and `path`: flags win.
  struct Answer: Sendable {
    let node: YAMLNode
    let file: String
    let line: Int?
  }

  init(of source: any Source, known: KnownFacts) {
    unit = (try? UnitFile.read("kubelet.service", from: source)) ?? nil
    process = (try? Processes(of: source))?.named("kubelet")
    if let process {
      flags = Flags(process.arguments.dropFirst().map { ($0, process.path, nil) })
    } else if let unit, !unit.values("ExecStart").isEmpty {
      flags = Flags(Array(unit.commandLine(from: source).dropFirst()))
    } else {
      var words: [UnitFile.Word] = []
      for (path, key) in Self.environmentFiles {
        for (name, value, line) in ((try? source.text(of: path)) ?? "").assignments where name == key {
          words += UnitFile.words(value).map { UnitFile.Word(text: $0, file: path, line: line) }
        }
      }
      flags = Flags(words)
    }
    if let flag = flags["config"] {
      configPath = flag.value
      configOrigin = (flag.file, flag.line)
    } else if source.has(Self.defaultConfig) || (process == nil && known.text("node.distribution") == "kubeadm") {
      configPath = Self.defaultConfig
      configOrigin = (Self.defaultConfig, nil)
    }
    guard let configPath else { return }
    do throws(ReadError) {
      let bytes = try source.contents(of: configPath, limit: 1 << 20)
      config = try Self.parse(bytes)
    } catch {
      configFailure = error
    }
  }

  private static func parse(_ bytes: [UInt8]) throws(ReadError) -> YAMLNode {
    let node: YAMLNode
    do { node = try YAMLNode.parse(bytes) } catch { throw .malformed("\(error)") }
    guard !node.pairs.isEmpty else { throw .malformed("is empty") }
    guard let kind = node["kind"]?.text else { throw .malformed("has no kind") }
    guard kind == "KubeletConfiguration" else { throw .malformed("is of kind \(kind), not KubeletConfiguration") }
    guard let version = node["apiVersion"]?.text else { throw .malformed("has no apiVersion") }
    // Version v1 of the group has no KubeletConfiguration.
    guard version == "kubelet.config.k8s.io/v1beta1" else {
      throw .malformed("is of apiVersion \(version), not kubelet.config.k8s.io/v1beta1")
    }
    if let fault = KubeletSchema.fault(of: node) { throw .malformed(fault) }
    return node
  }

  /// Whether enough is known to say that a default holds.
  var knowsDefaults: Bool { config != nil || (configPath == nil && (process != nil || unit != nil)) }

  /// The value in force of a flag, or of the field of the configuration that replaced it.
  func answer(_ flag: String?, _ path: [String]) -> Answer? {
    if let flag, let found = flags[flag] {
      return Answer(node: YAMLNode(.scalar(found.value, isPlain: true), line: 0), file: found.file, line: found.line)
    }
    guard !path.isEmpty else { return nil }
    var node = config
    for key in path { node = node?[key] }
    guard let node, let configPath, node.text != nil || !node.items.isEmpty || !node.pairs.isEmpty else { return nil }
    return Answer(node: node, file: configPath, line: node.line)
  }
}
