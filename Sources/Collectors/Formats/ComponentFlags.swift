import Model
import YAMLTree

/// Flags of the control plane's programs that a release removed, and values that none accepts.
///
/// - SeeAlso: https://github.com/kubernetes/kubernetes/tree/master/CHANGELOG
enum ComponentFlags {
  /// The release without the flag, by component and flag.
  private static let removed: [String: [String: String]] = [
    "kube-apiserver": [
      "insecure-port": "1.24", "insecure-bind-address": "1.24", "address": "1.24", "port": "1.24",
      "basic-auth-file": "1.19", "repair-malformed-updates": "1.18", "kubelet-https": "1.22",
      "experimental-encryption-provider-config": "1.24",
    ],
    "kube-controller-manager": [
      "port": "1.24", "address": "1.24", "pod-eviction-timeout": "1.27", "enable-taint-manager": "1.27",
      "experimental-cluster-signing-duration": "1.25",
    ],
    "kube-scheduler": [
      "port": "1.24", "address": "1.24", "policy-config-file": "1.23", "policy-configmap": "1.23",
      "policy-configmap-namespace": "1.23", "use-legacy-policy-config": "1.23", "algorithm-provider": "1.23",
    ],
    "etcd": ["enable-v2": "3.6", "proxy": "3.6"],
  ]
  /// Flags of logging that left all of Kubernetes' programs at once.
  private static let logging: Set<String> = [
    "add-dir-header", "alsologtostderr", "log-backtrace-at", "log-dir", "log-file", "log-file-max-size", "logtostderr",
    "one-output", "skip-headers", "skip-log-headers", "stderrthreshold",
  ]
  /// Admission plugins that the API server no longer has.
  private static let admission = [
    "PodSecurityPolicy": "1.25", "DenyEscalatingExec": "1.21", "DenyExecOnPrivileged": "1.21",
  ]

  /// Why `version` of `component` refuses `flag`; nil where it does not.
  static func fault(of flag: StaticPod.Flag, component: String, version: String) -> String? {
    guard let own = removed[component] else { return nil }
    func isGone(_ release: String) -> Bool { !isVersion(version, olderThan: release) }
    if let release = own[flag.name], isGone(release) { return "was removed in \(release)" }
    if component != "etcd", logging.contains(flag.name), isGone("1.26") { return "was removed in 1.26" }
    let items = flag.value.split(separator: ",").map(String.init)
    switch (component, flag.name) {
    case ("kube-apiserver", "enable-admission-plugins"), ("kube-apiserver", "disable-admission-plugins"):
      let gone = items.first { admission[$0].map(isGone) ?? false }
      return gone.map { "names \($0), which is gone" }
    case ("kube-apiserver", "authorization-mode"):
      let modes: Set<String> = ["Node", "RBAC", "ABAC", "Webhook", "AlwaysAllow", "AlwaysDeny"]
      return items.first { !modes.contains($0) }.map { "names \($0.prefix(40))" }
    case ("kube-apiserver", "secure-port"):
      return Int(flag.value).map { (1...65535).contains($0) } ?? false ? nil : "is no port"
    case (_, "service-cluster-ip-range"), (_, "cluster-cidr"):
      return items.first { IPNetwork($0) == nil }.map { "holds \($0.prefix(40)), which is no network" }
    case (_, "feature-gates") where component != "etcd":
      return FeatureGates.unknown(items, in: version).first.map { "names \($0), which is gone" }
    default: return nil
    }
  }
}

extension StaticPod {
  /// The containers of the pod.
  var containers: [YAMLNode] { root["spec"]?["containers"]?.items ?? [] }

  /// The version in the tag of the first container's image: `1.31.4` of `:v1.31.4`.
  var version: String? {
    guard let image = containers.first?["image"]?.text, let tag = image.split(separator: "/").last,
      let colon = tag.firstIndex(of: ":")
    else { return nil }
    let text = tag[tag.index(after: colon)...].drop { $0 == "v" }.prefix { $0.isNumber || $0 == "." }
    return text.contains(".") ? String(text) : nil
  }
}
