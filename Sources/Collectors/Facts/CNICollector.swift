import Model
import YAMLTree

/// The pod network's configuration and programs.
///
/// - SeeAlso: https://github.com/containernetworking/cni/blob/main/SPEC.md
enum CNICollector: Collector {
  static let name = "cni"

  static let answers: [(key: String, summary: String)] = [
    ("cni.confDir", "the folder of network configurations: containerd conf_dir, crio.conf(5) network_dir"),
    ("cni.configFiles", "the configurations there in the order in which the runtime reads them: CNI specification"),
    ("cni.invalidConfigs", "those that the runtime cannot use, with the reason: CNI specification"),
    ("cni.networks", "the names of the networks: CNI specification"),
    ("cni.plugins", "the plugins of the first usable configuration, delegates included: CNI specification"),
    ("cni.binDirs", "the folders of plugin programs: containerd bin_dir, crio.conf(5) plugin_dirs"),
    ("cni.missingPlugins", "the plugins without a program: CNI specification"),
    ("cni.unusablePlugins", "the programs of plugins that are empty, no files or not executable: chmod(1)"),
    ("cni.pluginsUsable", "whether all plugins have a program that can be run: CNI specification"),
    ("flannel.used", "whether a plugin is flannel: flannel documentation"),
    ("flannel.subnetEnvExists", "whether /run/flannel/subnet.env exists, which flanneld writes"),
    ("calico.used", "whether a plugin is Calico: Calico documentation"),
    ("calico.nodenameExists", "whether /var/lib/calico/nodename exists, which calico-node writes"),
    ("cni.bridgeAddress", "the address of the bridge cni0: proc_pid_net(5)"),
    ("cni.bridgeConflict", "whether cni0 has a network other than flannel's subnet.env: flannel documentation"),
  ]

  /// One configuration file that could be read.
  struct Network: Sendable {
    let file: String
    let name: String
    let plugins: [String]
  }

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let (folder, binaries) = folders(known)
    let told = known["runtime.effectiveCniConfDir"].flatMap { $0.value == nil ? nil : $0 }
    collected.add("cni.confDir", .text(folder), from: (told ?? known["containerd.cniConfDir"])?.source ?? folder)
    let origin = (told ?? known["containerd.cniBinDirs"])?.source ?? binaries.first ?? folder
    collected.add("cni.binDirs", list: binaries, from: origin)
    if let networks = addNetworks(to: &collected, from: source, folder: folder) {
      let plugins = networks.first?.plugins ?? []
      let file = networks.first?.file ?? folder
      collected.add("cni.plugins", list: plugins, from: file)
      addPrograms(to: &collected, from: source, plugins: plugins, folders: binaries, file: file)
      // The runtime uses the first network only.
      collected.add("flannel.used", bool: plugins.contains("flannel"), from: file)
      collected.add("calico.used", bool: plugins.contains("calico"), from: file)
    } else {
      let keys = [
        "cni.plugins", "cni.missingPlugins", "cni.unusablePlugins", "cni.pluginsUsable", "flannel.used", "calico.used",
      ]
      collected.leaveOpen(keys, because: collected.unknown["cni.networks"] ?? .notCaptured)
    }
    collected.addExistence("flannel.subnetEnvExists", of: "/run/flannel/subnet.env", in: source)
    let state = known.filled("node.distribution") == "microk8s" ? "/var/snap/microk8s/current" : ""
    collected.addExistence("calico.nodenameExists", of: state + "/var/lib/calico/nodename", in: source)
    addBridge(to: &collected, from: source)
    return collected
  }

  /// Where the runtime in use looks for configurations and programs.
  private static func folders(_ known: KnownFacts) -> (configurations: String, programs: [String]) {
    if let folder = known.filled("runtime.effectiveCniConfDir"),
      let programs = known.list("runtime.effectiveCniBinDirs")
    {
      return (folder, programs)
    }
    switch known.filled("node.distribution") {
    case "k3s":
      let root = "/var/lib/rancher/k3s"
      return ("\(root)/agent/etc/cni/net.d", ["\(root)/data/cni", "\(root)/data/current/bin", "/opt/cni/bin"])
    case "rke2":
      let root = "/var/lib/rancher/rke2"
      return ("/etc/cni/net.d", ["/opt/cni/bin", "\(root)/data/cni"])
    case "microk8s":
      return ("/var/snap/microk8s/current/args/cni-network", ["/var/snap/microk8s/current/opt/cni/bin"])
    default: break
    }
    if known.filled("runtime.name") == "crio" {
      let programs = known.list("crio.pluginDirs") ?? []
      return (
        known.filled("crio.networkDir") ?? "/etc/cni/net.d",
        programs.isEmpty ? ["/opt/cni/bin", "/usr/libexec/cni"] : programs
      )
    }
    let programs = known.list("containerd.cniBinDirs") ?? []
    return (
      known.filled("containerd.cniConfDir") ?? "/etc/cni/net.d",
      programs.isEmpty ? ["/opt/cni/bin", "/usr/lib/cni"] : programs
    )
  }

  /// Reads the configurations; nil where they are not known.
  private static func addNetworks(
    to collected: inout Collected, from source: any Source, folder: String
  ) -> [Network]? {
    let keys = ["cni.configFiles", "cni.invalidConfigs", "cni.networks"]
    let names: [String]
    switch source.listing(folder) {
    case .absent: names = []
    case .unknown(let error):
      collected.leaveOpen(keys, because: error)
      return nil
    case .found(let found): names = found
    }
    let files = names.filter { name in [".conf", ".conflist", ".json"].contains { name.hasSuffix($0) } }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(200).map { "\(folder)/\($0)" }
    collected.add("cni.configFiles", list: files, from: folder)
    var networks: [Network] = []
    var invalid: [String] = []
    var line: Int?
    var unread: ReadError?
    // containerd stops at the first file that is broken and ends with the first network; CRI-O passes broken ones over.
    for file in files where networks.isEmpty {
      let read = source.reading(file)
      if let error = read.error { unread = error }
      guard let text = read.value else { continue }
      do throws(YAMLError) {
        let root = try JSONTree.parse(text)
        if let reason = fault(of: root, isList: file.hasSuffix(".conflist")) {
          invalid.append("\(file): \(reason)")
        } else {
          networks.append(Network(file: file, name: root["name"]?.text ?? "", plugins: plugins(of: root)))
        }
      } catch {
        if invalid.isEmpty { line = error.line }
        invalid.append("\(file): \(error)")
      }
    }
    if let unread, networks.isEmpty, invalid.isEmpty {
      collected.leaveOpen(Array(keys.dropFirst()), because: unread)
      return nil
    }
    let first = invalid.first.map { String($0.prefix { $0 != ":" }) }
    collected.add("cni.invalidConfigs", list: invalid, from: first ?? folder, line: line)
    collected.add("cni.networks", list: networks.map(\.name), from: networks.first?.file ?? folder)
    return networks
  }

  private static let versions: Set<String> = [
    "0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0",
  ]

  /// Why a runtime would refuse a configuration; nil where it would not.
  private static func fault(of root: YAMLNode, isList: Bool) -> String? {
    if root.pairs.isEmpty { return "is not an object" }
    let version = root["cniVersion"]?.text ?? ""
    if !version.isEmpty, !versions.contains(version) {
      return "has the cniVersion \(version.prefix(20)), which is none"
    }
    if root["name"]?.text?.isEmpty ?? true { return "has no name" }
    if !isList { return root["type"]?.text?.isEmpty ?? true ? "has no type" : nil }
    guard let plugins = root["plugins"], case .sequence(let items) = plugins.content else { return "has no plugins" }
    if items.isEmpty { return "has no plugins" }
    return items.contains { $0["type"]?.text?.isEmpty ?? true } ? "has a plugin without a type" : nil
  }

  /// The plugins of a configuration with those that they call themselves.
  private static func plugins(of root: YAMLNode) -> [String] {
    let chain = root["plugins"]?.items ?? [root]
    return chain.flatMap { plugin -> [String] in
      let type = plugin["type"]?.text
      var names = [type, plugin["ipam"]?["type"]?.text]
      let delegates = (plugin["delegates"]?.items ?? []) + [plugin["delegate"]].compactMap(\.self)
      names += delegates.flatMap { [$0["type"]?.text, $0["ipam"]?["type"]?.text] }
      // flannel(1) calls bridge with host-local where its configuration names nothing else.
      if type == "flannel" {
        if !delegates.contains(where: { $0["type"] != nil }) { names.append("bridge") }
        if !delegates.contains(where: { $0["ipam"]?["type"] != nil }) { names.append("host-local") }
      }
      return names.compactMap(\.self)
    }.distinct
  }

  private static func addPrograms(
    to collected: inout Collected, from source: any Source, plugins: [String], folders: [String], file: String
  ) {
    var missing: [String] = []
    var unusable: [String] = []
    var unknown: ReadError?
    for plugin in plugins.prefix(100) where !plugin.contains("/") {
      var isFound = false
      var isOpen = false
      for folder in folders {
        let path = "\(folder)/\(plugin)"
        switch source.existing(path) {
        case .absent: continue
        case .unknown(let error):
          unknown = error
          isOpen = true
        case .found(let status):
          isFound = true
          if status.kind != .file || status.size == 0 || status.mode & 0o111 == 0 { unusable.append(path) }
        }
        if isFound { break }
      }
      if !isFound, !isOpen { missing.append(plugin) }
    }
    if let unknown, missing.isEmpty, unusable.isEmpty {
      collected.leaveOpen("cni.pluginsUsable", because: unknown)
    } else {
      collected.add("cni.pluginsUsable", bool: missing.isEmpty && unusable.isEmpty, from: folders.first ?? file)
    }
    if let unknown, missing.isEmpty {
      collected.leaveOpen("cni.missingPlugins", because: unknown)
    } else {
      collected.add("cni.missingPlugins", list: missing, from: missing.isEmpty ? folders.first ?? file : file)
    }
    if let unknown, unusable.isEmpty {
      collected.leaveOpen("cni.unusablePlugins", because: unknown)
    } else {
      collected.add("cni.unusablePlugins", list: unusable, from: unusable.first ?? folders.first ?? file)
    }
  }

  /// The bridge's network is the route that the kernel made for its address.
  private static func addBridge(to collected: inout Collected, from source: any Source) {
    let keys = ["cni.bridgeAddress", "cni.bridgeConflict"]
    let table = source.procNet("route")
    guard let text = table.text.value else {
      return collected.leaveOpen(keys, because: table.text.error ?? .notCaptured)
    }
    let route = ProcNet.routes(route: text).first { $0.interface == "cni0" && $0.gateway == nil && !$0.isDefault }
    guard let route else {
      collected.add(keys[0], nil, from: table.path)
      return collected.add(keys[1], bool: false, from: table.path)
    }
    let (path, local) = NetworkCollector.localAddresses(of: source)
    if let local = local.value {
      let address = local.first { route.network.contains($0) }
      collected.add(keys[0], address.map { .text("\($0)/\(route.network.length)") }, from: path)
    } else {
      collected.leaveOpen(keys[0], because: local.error ?? .notCaptured)
    }
    let environment = "/run/flannel/subnet.env"
    switch source.reading(environment) {
    case .absent: collected.add(keys[1], bool: false, from: environment)
    case .unknown(let error): collected.leaveOpen(keys[1], because: error)
    case .found(let text):
      let line = numberedLines(text).first { $0.text.hasPrefix("FLANNEL_SUBNET=") }
      guard let line, let subnet = IPNetwork(String(line.text.dropFirst(15)).trimmed) else {
        return collected.leaveOpen(keys[1], because: .malformed("\(environment) has no FLANNEL_SUBNET"))
      }
      collected.add(keys[1], bool: subnet != route.network, from: environment, line: line.number)
    }
  }
}
