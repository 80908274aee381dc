import Model

/// Feature gates that later releases no longer know: a component that is told of one refuses to start.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates-removed/
enum FeatureGates {
  /// The minor release 1.N without the gate, by gate.
  private static let removedIn: [Int: [String]] = [
    17: ["CustomPodDNS", "CSIPersistentVolume", "HugePages", "PersistentLocalVolumes", "PodReadinessGates"],
    19: ["CustomResourceDefaulting", "CustomResourceSubresources", "CustomResourceValidation", "PodPriority"],
    20: ["DynamicAuditing", "PodShareProcessNamespace", "ResourceLimitsPriorityFunction"],
    22: [
      "AttachVolumeLimit", "BlockVolume", "CSIBlockVolume", "CSIDriverRegistry", "EvenPodsSpread",
      "RotateKubeletClientCertificate", "CSIMigrationAWSComplete", "CSIMigrationGCEComplete",
    ],
    23: [
      "CRIContainerLogRotation", "CSINodeInfo", "LegacyNodeRoleBehavior", "NodeDisruptionExclusion", "RootCAConfigMap",
      "RunAsGroup", "SCTPSupport", "BalanceAttachedNodeVolumes", "ExternalPolicyForExternalIP",
    ],
    24: ["BoundServiceAccountTokenVolume", "CronJobControllerV2", "NamespaceDefaultLabelName", "NodeLease"],
    25: [
      "CSIServiceAccountToken", "EndpointSlice", "EndpointSliceNodeName", "EndpointSliceProxying",
      "GenericEphemeralVolume", "HugePageStorageMediumSize", "IPv6DualStack", "ImmutableEphemeralVolumes",
      "IngressClassNamespacedParams", "RuntimeClass",
    ],
    26: [
      "AllowInsecureBackendProxy", "CSIVolumeFSGroupPolicy", "CSRDuration", "ConfigurableFSGroupPolicy",
      "CSIMigrationOpenStack", "DefaultPodTopologySpread", "DynamicKubeletConfig", "IndexedJob",
      "NonPreemptingPriority", "PodAffinityNamespaceSelector", "PodDisruptionBudget", "PodOverhead",
      "PreferNominatedNode", "SuspendJob", "TTLAfterFinished",
    ],
    27: [
      "CSIInlineVolume", "CSIMigration", "CSIMigrationAWS", "CSIMigrationAzureDisk",
      "ControllerManagerLeaderMigration", "DaemonSetUpdateSurge", "EphemeralContainers", "ExpandCSIVolumes",
      "ExpandInUsePersistentVolumes", "ExpandPersistentVolumes", "IdentifyPodOS", "LocalStorageCapacityIsolation",
      "NetworkPolicyEndPort", "StatefulSetMinReadySeconds",
    ],
    28: ["AdvancedAuditing", "DisableAcceleratorUsageMetrics", "PodSecurity", "ServiceIPStaticSubrange"],
    29: [
      "CronJobTimeZone", "DownwardAPIHugePages", "GRPCContainerProbe", "JobTrackingWithFinalizers", "SeccompDefault",
    ],
    30: [
      "ExpandedDNSConfig", "KubeletPodResources", "KubeletPodResourcesGetAllocatable", "ProxyTerminatingEndpoints",
      "RemoveSelfLink",
    ],
    33: ["APIListChunking", "AdmissionWebhookMatchConditions", "AggregatedDiscoveryEndpoint"],
  ]
  private static let minors: [String: Int] = Dictionary(
    removedIn.flatMap { minor, gates in gates.map { ($0, minor) } }, uniquingKeysWith: { first, _ in first })

  /// Those of `gates` (`NAME=true`) that the release `version` does not know.
  static func unknown(_ gates: [String], in version: String) -> [String] {
    gates.filter { gate in
      let name = gate.split(separator: "=").first.map { String($0).trimmed } ?? ""
      return minors[name].map { !isVersion(version, olderThan: "1.\($0)") } ?? false
    }
  }
}
