import Model
import YAMLTree

/// The kubelet: whether it is there and runs, and what its flags and its configuration file tell it.
enum KubeletCollector: Collector {
  static let name = "kubelet"

  static let answers: [(key: String, summary: String)] = [
    ("kubelet.installed", "Whether its program or its unit is there."),
    (
      "kubelet.version",
      "The version of its package, else of the API server beside it, else of the packages' repository."
    ),
    ("kubelet.running", "Whether a process of its name runs; proc_pid_cmdline(5)."),
    ("kubelet.unitEnabled", "Whether its unit starts at boot; systemctl(1)."),
    ("kubelet.unitMasked", "Whether its unit is linked to /dev/null; systemctl(1)."),
    ("kubelet.configPath", "Where its configuration file should be; --config."),
    ("kubelet.configExists", "Whether the configuration file is there."),
    ("kubelet.configError", "What is wrong with the configuration file; KubeletConfiguration v1beta1."),
    ("kubelet.flags", "The flags it gets from its unit, kubeadm-flags.env and /etc/default/kubelet."),
    ("kubelet.removedFlags", "Flags that its version does not know (any more), without those of the dockershim."),
    ("kubelet.dockershimFlags", "Flags of the dockershim, where its version has none any more."),
    ("kubelet.cgroupDriver", "cgroupDriver of KubeletConfiguration."),
    ("kubelet.failSwapOn", "failSwapOn of KubeletConfiguration."),
    ("kubelet.swapBehavior", "memorySwap.swapBehavior of KubeletConfiguration."),
    ("kubelet.failCgroupV1", "failCgroupV1 of KubeletConfiguration."),
    ("kubelet.protectKernelDefaults", "protectKernelDefaults of KubeletConfiguration."),
    ("kubelet.runtimeEndpoint", "containerRuntimeEndpoint of KubeletConfiguration, or the flag of that name."),
    ("kubelet.nodeIP", "The addresses of --node-ip."),
    ("kubelet.hostnameOverride", "--hostname-override."),
    ("kubelet.resolvConf", "resolvConf of KubeletConfiguration."),
    ("kubelet.resolvConfExists", "Whether the file of resolvConf is there."),
    ("kubelet.staticPodPath", "staticPodPath of KubeletConfiguration."),
    ("kubelet.featureGates", "featureGates of KubeletConfiguration, as NAME=true."),
    ("kubelet.clusterDNS", "clusterDNS of KubeletConfiguration."),
    ("kubelet.clientCAFile", "authentication.x509.clientCAFile of KubeletConfiguration."),
    ("kubelet.clientCAExists", "Whether the file of clientCAFile is there."),
    ("kubelet.kubeconfigExists", "Whether the file of --kubeconfig is there."),
    ("kubelet.bootstrapKubeconfigExists", "Whether the file of --bootstrap-kubeconfig is there."),
    ("kubelet.maxPods", "maxPods of KubeletConfiguration."),
  ]

  /// Distributions whose kubelet is a part of a larger program, without a unit and a configuration of its own.
  static let embedding: Set<String> = ["k3s", "rke2", "microk8s", "k0s"]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    let distribution = known.text("node.distribution") ?? ""
    if embedding.contains(distribution) {
      running(["kubelet", "k3s", "k3s-server", "k3s-agent", "kubelite"], source, &collected)
      return collected
    }
    let settings = KubeletSettings(of: source, known: known)
    presence(settings, source, &collected)
    running(["kubelet", "hyperkube"], source, &collected)
    unit(settings, source, &collected)
    configuration(settings, source, &collected)
    flags(settings, version(source, known, &collected), &collected)
    KubeletFields.add(settings, source, known, &collected)
    return collected
  }

  private static func presence(_ settings: KubeletSettings, _ source: any Source, _ collected: inout Collected) {
    if let process = settings.process {
      collected.add("kubelet.installed", .bool(true), from: process.path)
      return
    }
    do throws(ReadError) {
      if let path = try source.program("kubelet") {
        collected.add("kubelet.installed", .bool(true), from: path)
      } else {
        // A unit without its program cannot start: that is not installed.
        collected.add("kubelet.installed", .bool(false), from: "/usr/bin/kubelet")
      }
    } catch {
      if let path = settings.unit?.path, !(settings.unit?.isMasked ?? false) {
        collected.add("kubelet.installed", .bool(true), from: path)
      } else {
        collected.leaveOpen("kubelet.installed", because: error)
      }
    }
  }

  private static func running(_ names: Set<String>, _ source: any Source, _ collected: inout Collected) {
    do throws(ReadError) {
      let process = try Processes(of: source).all.first { names.contains($0.name) }
      collected.add("kubelet.running", .bool(process != nil), from: process?.path ?? "/proc")
    } catch {
      collected.leaveOpen("kubelet.running", because: error)
    }
  }

  /// The package says it best; then the API server beside it; then the repository that the packages come from.
  private static func version(_ source: any Source, _ known: KnownFacts, _ collected: inout Collected) -> String? {
    let packages = InstalledPackages(of: source)
    if let version = packages.version("kubelet") {
      collected.add("kubelet.version", .text(version), from: packages.file)
      return version
    }
    if let server = StaticPod.folder(in: source, known: known).value?.pod("kube-apiserver"), let tag = server.version {
      collected.add("kubelet.version", .text(tag), from: server.path)
      return tag
    }
    if let minor = PackagesCollector.kubernetesMinor(of: source) {
      collected.add("kubelet.version", .text(minor.version), from: minor.path, line: minor.line)
      return minor.version
    }
    collected.leaveOpen("kubelet.version", because: .notCaptured)
    return nil
  }

  private static func unit(_ settings: KubeletSettings, _ source: any Source, _ collected: inout Collected) {
    guard let unit = settings.unit, let path = unit.path else {
      for key in ["kubelet.unitMasked", "kubelet.unitEnabled"] { collected.leaveOpen(key, because: .notCaptured) }
      return
    }
    collected.add("kubelet.unitMasked", .bool(unit.isMasked), from: path)
    if unit.isMasked { return collected.add("kubelet.unitEnabled", .bool(false), from: path) }
    let folder = "/etc/systemd/system"
    let wants = source.names(in: folder).filter { $0.hasSuffix(".wants") || $0.hasSuffix(".requires") }
    let link = wants.map { folder + "/" + $0 + "/kubelet.service" }.first {
      (try? source.status(of: $0, followingLinks: false)) != nil
    }
    if let link {
      collected.add("kubelet.unitEnabled", .bool(true), from: link)
    } else if !wants.isEmpty {
      collected.add("kubelet.unitEnabled", .bool(false), from: folder)
    } else {
      // Every systemd node has such links: without any, they were not copied.
      collected.leaveOpen("kubelet.unitEnabled", because: .notCaptured)
    }
  }

  private static func configuration(_ settings: KubeletSettings, _ source: any Source, _ collected: inout Collected) {
    guard let path = settings.configPath else {
      let from = settings.process?.path ?? settings.unit?.path ?? KubeletSettings.defaultConfig
      collected.add("kubelet.configPath", nil, from: from)
      collected.leaveOpen("kubelet.configExists", because: .notCaptured)
      collected.leaveOpen("kubelet.configError", because: .notCaptured)
      return
    }
    let origin = settings.configOrigin
    collected.add("kubelet.configPath", .text(path), from: origin.file, line: origin.line)
    switch settings.configFailure {
    case nil:
      collected.add("kubelet.configExists", .bool(true), from: path)
      collected.add("kubelet.configError", nil, from: path)
    case .absent:
      collected.add("kubelet.configExists", .bool(false), from: path)
      collected.add("kubelet.configError", nil, from: path)
    case .malformed(let reason):
      collected.add("kubelet.configExists", .bool(true), from: path)
      collected.add("kubelet.configError", .text(reason), from: path)
    case .some(let error):
      collected.leaveOpen("kubelet.configExists", because: error)
      collected.leaveOpen("kubelet.configError", because: error)
    }
  }

  private static func flags(_ settings: KubeletSettings, _ version: String?, _ collected: inout Collected) {
    guard settings.process != nil || settings.unit != nil || !settings.flags.all.isEmpty else {
      for key in ["kubelet.flags", "kubelet.removedFlags", "kubelet.dockershimFlags"] {
        collected.leaveOpen(key, because: .notCaptured)
      }
      return
    }
    let all = settings.flags.all
    let origin = all.first?.file ?? settings.process?.path ?? settings.unit?.path ?? ""
    func text(_ flag: Flags.Flag) -> String { "--\(flag.name)=\(flag.value)" }
    collected.add("kubelet.flags", .list(all.map(text)), from: origin, line: all.first?.line)
    let shim = all.filter(KubeletFlags.isDockershim)
    if version == nil, !shim.isEmpty {
      collected.leaveOpen("kubelet.dockershimFlags", because: .notCaptured)
    } else {
      let isGone = version.map { !isVersion($0, olderThan: "1.24") } ?? false
      collected.add(
        "kubelet.dockershimFlags", .list(isGone ? shim.map(text) : []), from: shim.first?.file ?? origin,
        line: shim.first?.line)
    }
    let judged = all.map { (flag: $0, isRefused: KubeletFlags.isRefused($0, by: version)) }
    let gone = judged.filter { $0.isRefused == true }.map(\.flag)
    if gone.isEmpty, judged.contains(where: { $0.isRefused == nil }) {
      return collected.leaveOpen("kubelet.removedFlags", because: .notCaptured)
    }
    collected.add(
      "kubelet.removedFlags", .list(gone.map(text)), from: gone.first?.file ?? origin, line: gone.first?.line)
  }
}
