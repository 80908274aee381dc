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
  /// The drop-ins of --config-dir, the one that counts first.
  private(set) var overlays: [(path: String, root: YAMLNode)] = []

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
      if let folder = flags["config-dir"]?.value, folder.hasPrefix("/") { try readOverlays(in: folder, of: source) }
    } catch {
      configFailure = error
    }
  }

  /// The kubelet merges the files with the suffix `.conf` in the order of their names.
  ///
  /// - SeeAlso: https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/
  private mutating func readOverlays(in folder: String, of source: any Source) throws(ReadError) {
    for name in source.names(in: folder).filter({ $0.hasSuffix(".conf") }).prefix(100) {
      let path = "\(folder)/\(name)"
      do throws(ReadError) {
        overlays.insert((path, try Self.parse(try source.contents(of: path, limit: 1 << 20))), at: 0)
      } catch {
        guard case .malformed(let reason) = error else { throw error }
        throw .malformed("\(path): \(reason)")
      }
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
    for overlay in overlays {
      if let found = Self.value(at: path, of: overlay.root) {
        return Answer(node: found, file: overlay.path, line: found.line)
      }
    }
    guard let configPath, let node = Self.value(at: path, of: config) else { return nil }
    return Answer(node: node, file: configPath, line: node.line)
  }

  private static func value(at path: [String], of root: YAMLNode?) -> YAMLNode? {
    var node = root
    for key in path { node = node?[key] }
    guard let node, node.text != nil || !node.items.isEmpty || !node.pairs.isEmpty else { return nil }
    return node
  }
}
