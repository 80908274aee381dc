import Model

/// All collectors, in the order in which they run: later ones may use what earlier ones learnt.
public enum AllCollectors {
  /// The list; a new collector adds its line here.
  public static let list: [any Collector.Type] = [
    OSCollector.self, NodeCollector.self, HardwareCollector.self, PressureCollector.self, SwapCollector.self,
    CgroupCollector.self,
    SysctlCollector.self, LimitsCollector.self, KubeletCollector.self, ContainerdCollector.self, CrioCollector.self,
    DockerCollector.self, RuntimeCollector.self, HostCheckCollector.self, RuntimeEndpointCollector.self,
    RuntimeStatusCollector.self,
    NetworkCollector.self, ControlPlaneCollector.self, CNICollector.self, ModulesCollector.self, NamesCollector.self,
    PackagesCollector.self, CertificatesCollector.self, SecurityCollector.self, MountsCollector.self,
    ProxyCollector.self,
    IdentityCollector.self, KubeletCheckCollector.self, ControlPlaneCheckCollector.self,
    ControlPlaneAddressCollector.self,
    PortsCollector.self,
    FirewallCollector.self, PodNetworkCollector.self, DataFolderCollector.self, DiskUseCollector.self,
    UnitStatesCollector.self, ClusterCollector.self, ReachCollector.self,
  ]
}
