import Model
import YAMLTree

/// The fields of the kubelet's settings, as facts.
enum KubeletFields {
  static func add(
    _ settings: KubeletSettings, _ source: any Source, _ known: KnownFacts, _ collected: inout Collected
  ) {
    var writer = Writer(settings: settings, source: source, collected: collected)
    writer.text("kubelet.cgroupDriver", "cgroup-driver", ["cgroupDriver"], default: "cgroupfs")
    writer.bool("kubelet.failSwapOn", "fail-swap-on", ["failSwapOn"], default: true)
    writer.text("kubelet.swapBehavior", nil, ["memorySwap", "swapBehavior"], default: nil)
    writer.bool("kubelet.failCgroupV1", nil, ["failCgroupV1"], default: nil)
    writer.bool(
      "kubelet.protectKernelDefaults", "protect-kernel-defaults", ["protectKernelDefaults"], default: false)
    writer.text("kubelet.hostnameOverride", "hostname-override", [], default: nil)
    writer.text("kubelet.staticPodPath", "pod-manifest-path", ["staticPodPath"], default: nil)
    writer.text("kubelet.maxPods", "max-pods", ["maxPods"], default: "110", isNumber: true)
    writer.list("kubelet.nodeIP", "node-ip", [])
    writer.list("kubelet.clusterDNS", "cluster-dns", ["clusterDNS"])
    writer.featureGates()
    writer.endpoint()
    let resolver = writer.text("kubelet.resolvConf", "resolv-conf", ["resolvConf"], default: "/etc/resolv.conf")
    writer.exists("kubelet.resolvConfExists", resolver)
    let authority = writer.text(
      "kubelet.clientCAFile", "client-ca-file", ["authentication", "x509", "clientCAFile"], default: nil)
    writer.exists("kubelet.clientCAExists", authority)
    let isKubeadm = known.text("node.distribution") == "kubeadm"
    writer.exists(
      "kubelet.kubeconfigExists",
      settings.flags["kubeconfig"]?.value ?? (isKubeadm ? "/etc/kubernetes/kubelet.conf" : nil))
    writer.exists(
      "kubelet.bootstrapKubeconfigExists",
      settings.flags["bootstrap-kubeconfig"]?.value ?? (isKubeadm ? "/etc/kubernetes/bootstrap-kubelet.conf" : nil))
    collected = writer.collected
  }

  private struct Writer {
    let settings: KubeletSettings
    let source: any Source
    var collected: Collected

    private var openReason: ReadError { settings.configFailure ?? .notCaptured }
    private var defaultOrigin: String {
      settings.configPath ?? settings.process?.path ?? settings.unit?.path ?? "kubelet"
    }

    @discardableResult
    mutating func text(
      _ key: String, _ flag: String?, _ path: [String], default fallback: String?, isNumber: Bool = false
    ) -> String? {
      func value(_ text: String) -> FactValue {
        isNumber ? Double(text).map { .number($0) } ?? .text(text) : .text(text)
      }
      if let answer = settings.answer(flag, path), let text = answer.node.text, !text.isEmpty {
        collected.add(key, value(text), from: answer.file, line: answer.line)
        return text
      }
      guard settings.knowsDefaults else {
        collected.leaveOpen(key, because: openReason)
        return nil
      }
      collected.add(key, fallback.map(value), from: defaultOrigin)
      return fallback
    }

    mutating func bool(_ key: String, _ flag: String?, _ path: [String], default fallback: Bool?) {
      if let answer = settings.answer(flag, path), let value = answer.node.bool {
        return collected.add(key, .bool(value), from: answer.file, line: answer.line)
      }
      guard settings.knowsDefaults else { return collected.leaveOpen(key, because: openReason) }
      collected.add(key, fallback.map { .bool($0) }, from: defaultOrigin)
    }

    mutating func list(_ key: String, _ flag: String, _ path: [String]) {
      if let answer = settings.answer(flag, path) {
        let items = answer.node.texts.flatMap { $0.split(separator: ",").map(String.init) }
        return collected.add(key, .list(items), from: answer.file, line: answer.line)
      }
      guard settings.knowsDefaults else { return collected.leaveOpen(key, because: openReason) }
      collected.add(key, .list([]), from: defaultOrigin)
    }

    mutating func featureGates() {
      let key = "kubelet.featureGates"
      if let flag = settings.flags["feature-gates"] {
        return collected.add(
          key, .list(flag.value.split(separator: ",").map(String.init)), from: flag.file, line: flag.line)
      }
      guard settings.knowsDefaults else { return collected.leaveOpen(key, because: openReason) }
      let gates = settings.config?["featureGates"]
      collected.add(
        key, .list((gates?.pairs ?? []).map { $0.key + "=" + ($0.value.text ?? "") }), from: defaultOrigin,
        line: gates?.line)
    }

    mutating func endpoint() {
      let key = "kubelet.runtimeEndpoint"
      if let answer = settings.answer("container-runtime-endpoint", ["containerRuntimeEndpoint"]),
        let text = answer.node.text, !text.isEmpty
      {
        return collected.add(key, .text(text), from: answer.file, line: answer.line)
      }
      guard settings.knowsDefaults, settings.flags["network-plugin"] == nil else {
        return collected.leaveOpen(key, because: openReason)
      }
      // The default since 1.27; older kubelets are always told.
      collected.add(key, .text("unix:///run/containerd/containerd.sock"), from: defaultOrigin)
    }

    mutating func exists(_ key: String, _ path: String?) {
      guard let path, !path.isEmpty else { return collected.leaveOpen(key, because: .notCaptured) }
      do throws(ReadError) {
        collected.add(key, .bool(try source.exists(path)), from: path)
      } catch {
        collected.leaveOpen(key, because: error)
      }
    }
  }
}
