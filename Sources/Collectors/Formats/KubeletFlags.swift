import Model

/// The flags of the kubelet, by what became of them.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
/// - SeeAlso: https://github.com/kubernetes/kubernetes/tree/master/CHANGELOG
enum KubeletFlags {
  /// The release that no longer knows a flag: the kubelet refuses to start with it.
  private static let removed: [String: [String]] = [
    "1.11": ["require-kubeconfig"], "1.12": ["cadvisor-port"], "1.15": ["allow-privileged"], "1.16": ["containerized"],
    "1.23": ["chaos-chance", "really-crash-for-testing", "seccomp-profile-root"],
    "1.24": [
      "dynamic-config-dir", "experimental-check-node-capabilities-before-mount", "redirect-container-streaming",
    ],
    "1.26": [
      "add-dir-header", "alsologtostderr", "log-backtrace-at", "log-dir", "log-file", "log-file-max-size",
      "logtostderr", "one-output", "skip-headers", "skip-log-headers", "stderrthreshold",
    ],
    "1.27": ["container-runtime", "master-service-namespace"], "1.35": ["pod-infra-container-image"],
  ]
  /// Flags of Docker's support, which left with 1.24.
  private static let dockershim: Set<String> = [
    "network-plugin", "cni-conf-dir", "cni-bin-dir", "cni-cache-dir", "network-plugin-mtu", "docker",
    "docker-endpoint", "image-pull-progress-deadline", "experimental-dockershim",
    "experimental-dockershim-root-directory",
  ]
  /// All that some release since 1.10 knew.
  private static let known: Set<String> = Set(
    """
    address allowed-unsafe-sysctls anonymous-auth application-metrics-count-limit authentication-token-webhook
    authentication-token-webhook-cache-ttl authorization-mode authorization-webhook-cache-authorized-ttl
    authorization-webhook-cache-unauthorized-ttl azure-container-registry-config boot-id-file
    bootstrap-checkpoint-path bootstrap-kubeconfig cert-dir cgroup-driver cgroup-root cgroups-per-qos chaos-chance
    client-ca-file cloud-config cloud-provider cluster-dns cluster-domain config config-dir container-hints
    container-log-max-files container-log-max-size container-runtime-endpoint containerd containerd-namespace
    containerized contention-profiling cpu-cfs-quota cpu-cfs-quota-period cpu-manager-policy
    cpu-manager-policy-options cpu-manager-reconcile-period docker-env-metadata-whitelist docker-only docker-root
    docker-tls docker-tls-ca docker-tls-cert docker-tls-key enable-cadvisor-json-endpoints
    enable-controller-attach-detach enable-debugging-handlers enable-load-reader enable-server
    enforce-node-allocatable event-burst event-qps event-storage-age-limit event-storage-event-limit eviction-hard
    eviction-max-pod-grace-period eviction-minimum-reclaim eviction-pressure-transition-period eviction-soft
    eviction-soft-grace-period exit-on-lock-contention experimental-allocatable-ignore-eviction
    experimental-bootstrap-kubeconfig experimental-check-node-capabilities-before-mount experimental-fail-swap-on
    experimental-kernel-memcg-notification experimental-logging-sanitization experimental-mounter-path
    experimental-qos-reserved fail-swap-on feature-gates file-check-frequency global-housekeeping-interval
    hairpin-mode healthz-bind-address healthz-port help h hostname-override housekeeping-interval
    http-check-frequency image-credential-provider-bin-dir image-credential-provider-config image-gc-high-threshold
    image-gc-low-threshold image-service-endpoint iptables-drop-bit iptables-masquerade-bit
    keep-terminated-pod-volumes kernel-memcg-notification kube-api-burst kube-api-content-type kube-api-qps
    kube-reserved kube-reserved-cgroup kubeconfig kubelet-cgroups local-storage-capacity-isolation lock-file
    log-cadvisor-usage log-flush-frequency log-json-info-buffer-size log-json-split-stream
    log-text-info-buffer-size log-text-split-stream logging-format machine-id-file make-iptables-util-chains
    manifest-url manifest-url-header master-service-namespace max-housekeeping-interval max-open-files max-pods
    maximum-dead-containers maximum-dead-containers-per-container memory-manager-policy
    minimum-container-ttl-duration minimum-image-ttl-duration node-ip node-labels node-status-max-images
    node-status-update-frequency non-masquerade-cidr oom-score-adj pod-cidr pod-manifest-path pod-max-pids
    pods-per-core port protect-kernel-defaults provider-id qos-reserved read-only-port really-crash-for-testing
    register-node register-schedulable register-with-taints registry-burst registry-qps require-kubeconfig
    reserved-cpus reserved-memory resolv-conf root-dir rotate-certificates rotate-server-certificates
    runonce runtime-cgroups runtime-request-timeout runtime-request-timeout-duration seccomp-default
    seccomp-profile-root serialize-image-pulls storage-driver-buffer-duration storage-driver-db storage-driver-host
    storage-driver-password storage-driver-secure storage-driver-table storage-driver-user
    streaming-connection-idle-timeout sync-frequency system-cgroups system-reserved system-reserved-cgroup
    tls-cert-file tls-cipher-suites tls-min-version tls-private-key-file topology-manager-policy
    topology-manager-policy-options topology-manager-scope v version vmodule volume-plugin-dir
    volume-stats-agg-period
    """.split(whereSeparator: \.isWhitespace).map(String.init)
  ).union(removed.values.flatMap(\.self)).union(dockershim)

  private static let removals: [String: String] = Dictionary(
    removed.flatMap { version, names in names.map { ($0, version) } }, uniquingKeysWith: { first, _ in first })

  /// Whether no release ever had a flag of this name.
  static func isUnheardOf(_ name: String) -> Bool { !known.contains(name) }

  /// Whether a flag asks for Docker's support.
  static func isDockershim(_ flag: Flags.Flag) -> Bool {
    dockershim.contains(flag.name) || (flag.name == "container-runtime" && flag.value == "docker")
  }

  /// Whether `version` refuses a flag that is not the dockershim's; nil where the version would have to be known.
  static func isRefused(_ flag: Flags.Flag, by version: String?) -> Bool? {
    if isDockershim(flag) { return false }
    if isUnheardOf(flag.name) { return true }
    guard let gone = removals[flag.name] else { return false }
    return version.map { !isVersion($0, olderThan: gone) }
  }
}
