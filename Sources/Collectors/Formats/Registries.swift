import Model
import YAMLTree

/// The registries that a node's images come from, and the ways to them: mirrors first, then the registry itself.
///
/// - SeeAlso: https://github.com/containerd/containerd/blob/main/docs/hosts.md
/// - SeeAlso: containers-registries.conf(5)
struct Registries {
  /// A host and port that images can be asked from.
  struct Way: Hashable {
    let host: String
    let port: UInt16
    let isPlain: Bool

    /// Reads `https://host:port/path` or `host:port`; nil where it names no host.
    init?(_ text: String) {
      isPlain = text.hasPrefix("http://")
      var part = text[...]
      if let scheme = text.firstRange(of: "://") { part = part[scheme.upperBound...] }
      part = part.prefix { $0 != "/" }
      // Credentials of a proxy are no part of its host.
      if let at = part.lastIndex(of: "@") { part = part[part.index(after: at)...] }
      host = hostPart(of: String(part))
      guard ReachCollector.isHostName(host) || IPAddress(host) != nil else { return nil }
      let rest = part.hasPrefix("[") ? part.drop { $0 != "]" }.dropFirst() : part.drop { $0 != ":" }
      // An address of version 6 may stand there without brackets.
      guard !rest.isEmpty, IPAddress(String(part)) == nil else {
        port = isPlain ? 80 : 443
        return
      }
      guard let number = UInt16(rest.dropFirst()), number > 0 else { return nil }
      port = number
    }

    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Where the connection really goes: to the proxy, where one is set and has no exception for the host.
    func hop(_ known: KnownFacts) -> Way {
      guard let proxy = known.filled(isPlain ? "proxy.http" : "proxy.https"),
        !ProxyCollector.isExempt(host, known.list("proxy.noProxy") ?? [])
      else { return self }
      // Go takes a proxy without a scheme for a plain one.
      return Way(proxy.contains("://") ? proxy : "http://" + proxy) ?? self
    }
  }

  /// A registry and the ways to it.
  struct Registry {
    let name: String
    let ways: [Way]
  }

  private(set) var list: [Registry] = []
  /// The file that names the first of them.
  private(set) var origin: (path: String, line: Int?)
  private static let usual = "registry.k8s.io"
  /// More than these are not asked.
  private static let limit = 4

  init(from source: any Source, known: KnownFacts) {
    var images: [String] = []
    origin = ("kubeadm's default", nil)
    func add(_ image: String, _ path: String, _ line: Int?) {
      if images.isEmpty { origin = (path, line) }
      images.append(image)
    }
    for (key, program) in [("containerd.sandboxImage", "containerd"), ("crio.pauseImage", "crio")] {
      let isOther = known.filled("runtime.name").map { $0 != program } ?? false
      if !isOther, let image = known.filled(key), let fact = known[key] { add(image, fact.source, fact.line) }
    }
    for pod in StaticPod.folder(in: source, known: known).value?.pods ?? [] {
      for container in pod.containers {
        if let image = container["image"] { add(image.text ?? "", pod.path, image.line) }
      }
    }
    var names = images.compactMap(Self.registry).distinct
    if names.isEmpty { names = [Self.usual] }
    let mirrors = Mirrors(from: source, known: known)
    list = names.prefix(Self.limit).compactMap { name in
      // The host that serves the images of docker.io has another name.
      let own = mirrors.server(of: name) ?? (name == "docker.io" ? "registry-1.docker.io" : name)
      let ways = (mirrors.endpoints(of: name) + [own]).compactMap { Way($0) }.distinct
      return ways.isEmpty ? nil : Registry(name: name, ways: Array(ways.prefix(Self.limit)))
    }
  }

  /// The registry of an image, as its reference names it; docker.io where it names none.
  ///
  /// - SeeAlso: https://pkg.go.dev/github.com/distribution/reference
  static func registry(of image: String) -> String? {
    guard !image.isEmpty else { return nil }
    guard let slash = image.firstIndex(of: "/") else { return "docker.io" }
    let first = String(image[..<slash])
    return first.contains(".") || first.contains(":") || first == "localhost" ? first : "docker.io"
  }
}

/// What the runtime's files say of mirrors.
private struct Mirrors {
  private var endpoints: [String: [String]] = [:]
  private var servers: [String: String] = [:]
  private var fallback: [String] = []

  init(from source: any Source, known: KnownFacts) {
    if known.filled("runtime.name") == "crio" {
      readContainersConf(source)
      return
    }
    guard let path = known.filled("containerd.configPath") else { return }
    let config = ContainerdConfig(path: path, source: source)
    let table = config.imagesTable + ["registry"]
    for name in config.layers.keys(below: table + ["mirrors"]) {
      let list = config.layers.list(table + ["mirrors", name, "endpoint"])?.items ?? []
      if name == "*" { fallback = list } else { endpoints[name] = list }
    }
    let folders = config.layers.value(table + ["config_path"])?.value.text.split(separator: ":") ?? []
    for folder in folders.map(String.init) {
      for name in source.names(in: folder).prefix(100) { readHosts(source, "\(folder)/\(name)/hosts.toml", name) }
    }
  }

  /// The mirrors of a registry, in the order in which they are asked.
  func endpoints(of registry: String) -> [String] { endpoints[registry] ?? fallback }

  /// The host that stands for the registry itself.
  func server(of registry: String) -> String? { servers[registry] }

  private mutating func readHosts(_ source: any Source, _ path: String, _ folder: String) {
    guard let bytes = try? source.contents(of: path, limit: 1 << 18), let document = try? TOMLDocument(bytes) else {
      return
    }
    // `host_5000_` is how a folder names a port where `:` is no character of names.
    var name = folder
    if name.hasSuffix("_"), let mark = name.dropLast().lastIndex(of: "_") {
      name = name[..<mark] + ":" + name[name.index(after: mark)...].dropLast()
    }
    let hosts = document.keys(below: ["host"])
    if folder == "_default" {
      fallback = hosts
      return
    }
    endpoints[name] = hosts
    if let server = document.value(["server"])?.text, !server.isEmpty { servers[name] = server }
  }

  private mutating func readContainersConf(_ source: any Source) {
    let main = "/etc/containers/registries.conf"
    for path in [main] + source.names(in: main + ".d").prefix(100).map({ "\(main).d/\($0)" }) {
      guard let bytes = try? source.contents(of: path, limit: 1 << 18), let document = try? TOMLDocument(bytes) else {
        continue
      }
      for index in document.keys(below: ["registry"]) {
        let table = ["registry", index]
        let location = document.value(table + ["location"])?.text
        guard let prefix = document.value(table + ["prefix"])?.text ?? location else { continue }
        let name = String(prefix.prefix { $0 != "/" })
        if let location { servers[name] = location }
        endpoints[name] = document.keys(below: table + ["mirror"]).compactMap { mirror in
          document.value(table + ["mirror", mirror, "location"])?.text
        }
      }
    }
  }
}
