import LogScan
import Model

/// A prerequisite of `kubeadm init` and `kubeadm join`, as data.
///
/// - SeeAlso: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#before-you-begin
struct PreflightCheck: Sendable {
  let id: String
  let title: Localized
  /// The role that has the prerequisite; nil: every one.
  var role: NodeRole?
  /// When the check failed.
  var fails: Condition?
  /// When it did not fail but deserves a warning.
  var warns: Condition?
  /// When it passed; nil: when `fails` and `warns` are decided and do not hold.
  var passes: Condition?
  /// The rule whose fix helps; nil where none fits.
  var rule: String?
  /// What helps where no rule's fix does.
  var fix: Fix?
  /// Rules whose fix fits a node better; the first whose test holds replaces `rule`.
  var variants: [(rule: String, when: FactTest)] = []
  /// Values for the commands of the fix.
  var captures: [String: String] = [:]
  /// Whether it is made only where the user allows questions that leave the machine.
  var needsNetwork = false

  /// All checks, in the order of the report.
  static let all: [PreflightCheck] = machine + ports + software

  /// Hardware and kernel.
  private static let machine: [PreflightCheck] = [
    PreflightCheck(
      id: "cpu", title: Localized(en: "At least two CPUs", zh: "至少 2 个 CPU"), role: .controlPlane,
      fails: fact("cpu.count", .below(2)), rule: "host-cpu-insufficient"),
    PreflightCheck(
      id: "memory", title: Localized(en: "At least 2 GB of memory", zh: "至少 2 GB 内存"),
      fails: fact("memory.totalBytes", .below(1700 * 1_048_576)), warns: fact("memory.totalBytes", .below(2e9)),
      rule: "host-memory-insufficient"),
    PreflightCheck(
      id: "swap", title: Localized(en: "Swap is off, or the kubelet tolerates it", zh: "交换分区已关闭，或 kubelet 允许使用"),
      fails: .all([
        fact("swap.areas", .isNotEmpty), .any([fact("kubelet.failSwapOn", .equals(.bool(true))), unconfigured]),
      ]), rule: "swap-enabled"),
    PreflightCheck(
      id: "module-overlay", title: Localized(en: "Kernel module overlay", zh: "内核模块 overlay"),
      fails: fact("modules.missing", .contains("overlay")), rule: "kernel-module-missing",
      captures: ["module": "overlay"]),
    PreflightCheck(
      id: "module-br-netfilter", title: Localized(en: "Kernel module br_netfilter", zh: "内核模块 br_netfilter"),
      fails: fact("modules.missing", .contains("br_netfilter")), rule: "kernel-module-missing",
      captures: ["module": "br_netfilter"]),
    PreflightCheck(
      id: "bridge-nf-call-iptables", title: isOne("net.bridge.bridge-nf-call-iptables"),
      fails: isNotOne("sysctl.bridgeNfCallIptables"), rule: "br-netfilter-missing"),
    PreflightCheck(
      id: "bridge-nf-call-ip6tables", title: isOne("net.bridge.bridge-nf-call-ip6tables"),
      fails: isNotOne("sysctl.bridgeNfCallIp6tables"), rule: "br-netfilter-missing"),
    PreflightCheck(
      id: "ip-forward", title: isOne("net.ipv4.ip_forward"), fails: isNotOne("sysctl.ipForward"),
      rule: "ip-forward-disabled"),
    PreflightCheck(
      id: "selinux", title: Localized(en: "SELinux does not enforce without a policy", zh: "SELinux 未在缺少策略时强制执行"),
      warns: fact("selinux.mode", .equals(.text("enforcing"))), rule: "selinux-denied"),
  ]

  /// One check a port, as kubeadm does it.
  private static let ports: [PreflightCheck] = [
    port(6443, of: .controlPlane), port(10250), port(10257, of: .controlPlane), port(10259, of: .controlPlane),
    port(2379, of: .controlPlane), port(2380, of: .controlPlane),
  ]

  /// Clock, identity, container runtime, network and packages.
  private static let software: [PreflightCheck] = [
    PreflightCheck(
      id: "time", title: Localized(en: "The clock is synchronised", zh: "时钟已同步"),
      fails: fact("time.synchronized", .equals(.bool(false))),
      passes: fact("time.synchronized", .equals(.bool(true))), rule: "clock-skew"),
    PreflightCheck(
      id: "machine-id", title: Localized(en: "The machine has a machine-id", zh: "机器有 machine-id"),
      fails: .any([fact("identity.machineId", .isAbsent), fact("identity.machineId", .isEmpty)]),
      fix: Fix(
        title: Localized(en: "Give the machine an id.", zh: "为机器生成 machine-id。"),
        commands: ["sudo systemd-machine-id-setup"], verify: ["test -s /etc/machine-id"])),
    PreflightCheck(
      id: "product-uuid", title: Localized(en: "The firmware names a product_uuid", zh: "固件提供 product_uuid"),
      warns: .any([fact("identity.productUuid", .isAbsent), fact("identity.productUuid", .isEmpty)])),
    PreflightCheck(
      id: "runtime-installed", title: Localized(en: "A container runtime is installed", zh: "已安装容器运行时"),
      fails: .all(
        ["containerd.installed", "crio.installed", "criDockerd.installed"].map { fact($0, .equals(.bool(false))) }),
      rule: "containerd-not-running"),
    PreflightCheck(
      id: "runtime-listening", title: Localized(en: "The container runtime listens", zh: "容器运行时正在监听"),
      fails: .any([
        fact("runtime.endpointListening", .equals(.bool(false))), fact("runtime.listeningSockets", .isEmpty),
      ]),
      passes: .any([
        fact("runtime.endpointListening", .equals(.bool(true))), fact("runtime.listeningSockets", .isNotEmpty),
      ]), rule: "containerd-not-running",
      variants: [
        ("crio-not-running", FactTest(key: "runtime.name", test: .equals(.text("crio")))),
        ("docker-not-running", FactTest(key: "runtime.name", test: .isIn([.text("docker"), .text("cri-dockerd")]))),
      ]),
    PreflightCheck(
      id: "cri-enabled", title: Localized(en: "containerd serves CRI", zh: "containerd 提供 CRI"),
      fails: .any([
        .all([
          fact("containerd.criDisabled", .equals(.bool(true))),
          .any([fact("runtime.name", .equals(.text("containerd"))), fact("crio.installed", .equals(.bool(false)))]),
        ]),
        .all([fact("runtime.criError", .containsMatch("unknown service")), fact("runtime.criVersions", .isEmpty)]),
      ]), rule: "cri-plugin-disabled"),
    PreflightCheck(
      id: "cgroup-driver",
      title: Localized(
        en: "The kubelet and the runtime use the same cgroup driver", zh: "kubelet 与容器运行时使用相同的 cgroup 驱动"),
      fails: .all([
        fact("kubelet.installed", .equals(.bool(true))), fact("kubelet.configExists", .equals(.bool(true))),
        fact("kubelet.cgroupDriver", .differsFrom("runtime.cgroupDriver")),
      ]),
      // kubeadm configures the kubelet for systemd.
      warns: .all([unconfigured, fact("runtime.cgroupDriver", .equals(.text("cgroupfs")))]),
      rule: "cgroup-driver-mismatch"),
    PreflightCheck(
      id: "default-route", title: Localized(en: "There is a default route", zh: "有默认路由"),
      fails: fact("network.defaultRoutes", .isEmpty), rule: "default-route-missing"),
    PreflightCheck(
      id: "repositories", title: Localized(en: "No retired Kubernetes repository", zh: "未使用已停用的 Kubernetes 软件仓库"),
      warns: fact("repo.legacyKubernetes", .isNotEmpty), rule: "repo-kubernetes-legacy"),
    PreflightCheck(
      id: "hostname", title: Localized(en: "The machine's own name resolves", zh: "可以解析本机主机名"),
      warns: .any([fact("hosts.hostnameResolves", .equals(.bool(false))), fact("dns.hostnameAddresses", .isEmpty)]),
      passes: .any([fact("hosts.hostnameResolves", .equals(.bool(true))), fact("dns.hostnameAddresses", .isNotEmpty)]),
      rule: "hostname-unresolvable", needsNetwork: true),
    PreflightCheck(
      id: "registry", title: Localized(en: "The registry of the images can be reached", zh: "可以访问镜像仓库"),
      fails: fact("registry.unreachable", .isNotEmpty), passes: fact("registry.reachable", .equals(.bool(true))),
      rule: "image-registry-unreachable",
      variants: [("dns-resolution-failed", FactTest(key: "dns.resolves", test: .equals(.bool(false))))],
      needsNetwork: true),
  ]

  /// There is no kubelet, or none that was configured: kubeadm will do that.
  private static let unconfigured = Condition.any([
    fact("kubelet.installed", .equals(.bool(false))), fact("kubelet.configExists", .equals(.bool(false))),
  ])

  private static func fact(_ key: String, _ test: FactTest.Operator) -> Condition {
    .fact(FactTest(key: key, test: test))
  }

  private static func isOne(_ name: String) -> Localized { Localized(en: "\(name) is 1", zh: "\(name) 为 1") }

  private static func isNotOne(_ key: String) -> Condition {
    .any([fact(key, .notEquals(.number(1))), fact(key, .isAbsent)])
  }

  private static func port(_ number: Int, of role: NodeRole? = nil) -> PreflightCheck {
    PreflightCheck(
      id: "port-\(number)", title: Localized(en: "Port \(number) is free", zh: "端口 \(number) 空闲"),
      role: role, fails: fact("network.listeners", .containsMatch(":\(number)$")),
      rule: "kubeadm-port-in-use", captures: ["port": String(number)])
  }
}

extension RuleSet {
  /// Checks the prerequisites of kubeadm for a machine that is to become a `role`.
  ///
  /// - Parameter unknown: why facts are missing, by key.
  public func preflight(
    for role: NodeRole, facts: [String: Fact], unknown: [String: ReadError]
  ) -> [PreflightResult] {
    let evaluator = Evaluator(facts: facts, hits: [:])
    return PreflightCheck.all.filter { $0.role == nil || $0.role == role }.map { check in
      var (status, evidence) = decide(check, evaluator)
      let conditions = [check.fails, check.warns, check.passes].compactMap { $0 }
      let tests = conditions.flatMap(\.factTests)
      if status == .unknown, check.needsNetwork, open(tests, evaluator).allSatisfy({ isUnasked(unknown[$0]) }) {
        status = .skipped
      }
      var seen: [Fact] = []
      var open: [(name: String, error: ReadError)] = []
      switch status {
      case .failed, .warning:
        seen = evidence.compactMap { evidence in
          guard case .fact(let fact) = evidence else { return nil }
          return narrowed(fact, to: tests.first { $0.key == fact.key })
        }
      case .passed:
        seen = tests.compactMap { test in
          // What was looked for and not found is not worth showing.
          if case .containsMatch = test.test { return nil }
          return facts[test.key]
        }
      case .unknown, .skipped: open = self.open(tests, evaluator).map { ($0, unknown[$0] ?? .notCaptured) }
      }
      let id = check.variants.first { evaluator.decide($0.when).evidence != nil }?.rule ?? check.rule
      let rule = id.flatMap { self.rule($0) }
      let isBad = status == .failed || status == .warning
      return PreflightResult(
        id: check.id, title: check.title, status: status, facts: distinct(seen), open: Report.Unread.grouped(open),
        fixes: isBad ? fixes(rule?.fixes ?? [check.fix].compactMap { $0 }, evaluator, check.captures) : [])
    }
  }

  private func decide(_ check: PreflightCheck, _ evaluator: Evaluator) -> (PreflightResult.Status, [Evidence]) {
    func verdict(_ condition: Condition?) -> Verdict {
      var patterns: ArraySlice<Int> = []
      return condition.map { evaluator.decide($0, &patterns) } ?? .fails
    }
    let (fails, warns) = (verdict(check.fails), verdict(check.warns))
    if let evidence = fails.evidence { return (.failed, evidence) }
    if let evidence = warns.evidence { return (.warning, evidence) }
    if check.passes != nil { return (verdict(check.passes).evidence == nil ? .unknown : .passed, []) }
    if case .fails = fails, case .fails = warns { return (.passed, []) }
    return (.unknown, [])
  }

  /// Whether a fact is missing because nobody asked for it.
  private func isUnasked(_ reason: ReadError?) -> Bool {
    switch reason {
    case nil, .notAsked, .notCaptured: true
    case .absent, .denied, .timedOut, .interrupted, .empty, .malformed, .failed: false
    }
  }

  /// The keys that the tests need and that are not known.
  private func open(_ tests: [FactTest], _ evaluator: Evaluator) -> [String] {
    let keys = tests.flatMap { test in
      if case .differsFrom(let other) = test.test { [test.key, other] } else { [test.key] }
    }
    return distinct(keys.filter { evaluator.facts[$0] == nil })
  }

  /// The fact with only what `test` looks for, where it is a list.
  private func narrowed(_ fact: Fact, to test: FactTest?) -> Fact {
    guard case .list(let items) = fact.value, case .containsMatch(let expression) = test?.test,
      let match = LineTest(expression)
    else { return fact }
    return Fact(
      key: fact.key, value: .list(items.filter { match.matches($0) }), source: fact.source, line: fact.line)
  }

  private func distinct<Item: Equatable>(_ items: [Item]) -> [Item] {
    items.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
