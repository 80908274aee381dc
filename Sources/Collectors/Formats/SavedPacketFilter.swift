import Model

/// The ports that a packet filter lets in: the one in the kernel, and the one which a unit loads at boot.
///
/// - SeeAlso: nft(8), iptables-save(8), iptables-extensions(8)
enum SavedPacketFilter {
  /// The wanted ports that the rules close; nil where they are more than a look at ports can judge.
  typealias Judgement = @Sendable (_ text: String, _ wanted: [Int]) -> [Int]?

  /// Each unit with the files that it loads.
  private static let kinds: [(unit: String, files: [String], judge: Judgement)] = [
    ("nftables.service", ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"], nftables),
    ("iptables.service", ["/etc/sysconfig/iptables"], iptables),
    ("netfilter-persistent.service", ["/etc/iptables/rules.v4"], iptables),
  ]

  /// What the filter in the kernel of a live node closes of `wanted`, and which command said so; nil where it cannot be
  /// asked or judged. Both backends filter: what one of them closes is closed.
  static func closedNow(_ wanted: [Int], in source: any Source) -> (ports: [Int], origin: String)? {
    var found: (ports: [Int], origin: String)?
    func ask(_ command: ReadOnlyCommand, _ judge: Judgement) {
      guard let bytes = try? source.answer(to: .command(command)),
        let ports = judge(String(decoding: bytes, as: UTF8.self), wanted)
      else { return }
      if found?.ports.isEmpty ?? true { found = (ports, command.arguments.joined(separator: " ")) }
    }
    let modules = numberedLines(source.reading("/proc/modules").value ?? "").compactMap(\.fields.first)
    if modules.contains("nf_tables") || source.has("/sys/module/nf_tables") { ask(.nftRules, nftables) }
    let tables = source.procNet("ip_tables_names").text.value ?? ""
    if numberedLines(tables).contains(where: { $0.text.trimmed == "filter" }) { ask(.legacyRules, iptables) }
    return found
  }

  /// The first file of a unit that is switched on and closes some of `wanted`.
  static func closed(_ wanted: [Int], in source: any Source) -> (ports: [Int], path: String)? {
    let folder = "/etc/systemd/system"
    let wants = source.names(in: folder).filter { $0.hasSuffix(".wants") }
    for (unit, files, judge) in kinds {
      // The link leads out of a copied tree: only that it is there counts.
      let isOn = wants.contains { source.names(in: "\(folder)/\($0)").contains(unit) }
      guard isOn else { continue }
      for path in files {
        if let text = source.reading(path).value, let ports = judge(text, wanted), !ports.isEmpty {
          return (ports, path)
        }
      }
    }
    return nil
  }

  /// The first rule that leads the kubelet's port elsewhere, in a file that a unit loads at boot.
  static func redirectOfKubelet(in source: any Source) -> (rule: String, path: String, line: Int)? {
    for path in loaded(by: ["iptables.service", "netfilter-persistent.service"], in: source) {
      for line in numberedLines(source.reading(path).value ?? "") where line.text.hasPrefix("-A ") {
        let fields = line.fields
        guard fields.contains("DNAT") || fields.contains("REDIRECT"), !fields.contains("udp"),
          let place = fields.firstIndex(where: { $0 == "--dport" || $0 == "--dports" }), place + 1 < fields.count,
          fields[place + 1].split(separator: ",").contains(where: { covers($0, 10250) })
        else { continue }
        return (line.text, path, line.number)
      }
    }
    return nil
  }

  private static func loaded(by units: [String], in source: any Source) -> [String] {
    let folder = "/etc/systemd/system"
    let wants = source.names(in: folder).filter { $0.hasSuffix(".wants") }
    return kinds.filter { kind in
      // The link leads out of a copied tree: only that it is there counts.
      units.contains(kind.unit) && wants.contains { source.names(in: "\(folder)/\($0)").contains(kind.unit) }
    }.flatMap(\.files)
  }

  /// Whether `10250`, `10250-10260` or `10250:10260` holds `port`.
  static func covers(_ range: some StringProtocol, _ port: Int) -> Bool {
    let ends = range.split { $0 == "-" || $0 == ":" }.compactMap { Int($0) }
    guard let first = ends.first, let last = ends.last, first <= last else { return false }
    return (first...last).contains(port)
  }

  /// What concerns neither new connections nor those from other hosts.
  private static let harmless = [
    "ct state", "ct status", "iif lo", "iif \"lo\"", "iifname lo", "iifname \"lo\"", "icmp",
  ]

  /// - SeeAlso: nft(8), chain specification
  static func nftables(_ text: String, _ wanted: [Int]) -> [Int]? {
    let lines = numberedLines(text).map { String($0.text.prefix { $0 != "#" }).trimmed }
    guard let hook = lines.firstIndex(where: { $0.contains("hook input") && $0.contains("policy drop") }) else {
      return []
    }
    var open: Set<Int> = []
    for line in lines[(hook + 1)...] {
      if line.hasPrefix("}") { break }
      if ["jump ", "goto ", "@", "include", "define", "vmap", "saddr"].contains(where: line.contains) { return nil }
      guard line.contains("accept") else { continue }
      guard let place = line.firstRange(of: "dport")?.upperBound else {
        if harmless.contains(where: line.contains) { continue }
        return nil
      }
      if line.contains("udp dport") { continue }
      let ranges = line[place...].split { !($0.isNumber || $0 == "-") }
      open.formUnion(wanted.filter { port in ranges.contains { covers($0, port) } })
    }
    return wanted.filter { !open.contains($0) }
  }

  /// - SeeAlso: iptables(8), iptables-extensions(8)
  static func iptables(_ text: String, _ wanted: [Int]) -> [Int]? {
    var isClosed = false
    var isFilter = false
    var open: Set<Int> = []
    for line in numberedLines(text) {
      let fields = line.fields
      if line.text.hasPrefix("*") { isFilter = line.text.trimmed == "*filter" }
      guard isFilter, fields.count >= 2 else { continue }
      if fields[0] == ":INPUT" { isClosed = fields[1] == "DROP" }
      guard fields[0] == "-A", fields[1] == "INPUT", let jump = fields.firstIndex(where: { $0 == "-j" || $0 == "-g" }),
        jump + 1 < fields.count
      else { continue }
      let target = fields[jump + 1]
      let isBare = jump == 2
      if target == "REJECT" || target == "DROP" {
        if !isBare { continue }
        isClosed = true
        break
      }
      guard target == "ACCEPT" else {
        if ["KUBE-", "cali-", "LOG", "CILIUM_", "FLANNEL"].contains(where: target.hasPrefix) { continue }
        return nil
      }
      if isBare { return [] }
      guard let place = fields.firstIndex(where: { $0 == "--dport" || $0 == "--dports" }), place + 1 < fields.count
      else {
        let isLimited = fields.contains { ["--state", "--ctstate", "lo", "icmp", "udp"].contains($0) }
        if isLimited { continue }
        return nil
      }
      if fields.contains("udp") { continue }
      if fields.contains("-s") { return nil }
      let ranges = fields[place + 1].split(separator: ",")
      open.formUnion(wanted.filter { port in ranges.contains { covers($0, port) } })
    }
    return isClosed ? wanted.filter { !open.contains($0) } : []
  }
}
