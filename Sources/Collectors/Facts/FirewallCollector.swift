import Model

/// The ports of the node that its own firewall closes.
///
/// - SeeAlso: firewalld.zone(5), firewalld.conf(5), ufw(8), https://kubernetes.io/docs/reference/networking/ports-and-protocols/
enum FirewallCollector: Collector {
  static let name = "firewall"

  static let answers: [(key: String, summary: String)] = [
    (
      "firewall.closedPorts",
      "ports that others must reach and that its packet filter closes: firewalld.zone(5), ufw(8), nft(8)"
    ),
    ("firewall.kubeletRedirect", "a rule loaded at boot that leads port 10250 elsewhere: iptables-extensions(8)"),
  ]

  private static let key = "firewall.closedPorts"
  /// Services of firewalld that open a port.
  private static let services: [String: Set<Int>] = [
    "kubelet": [10250], "kubelet-worker": [10250], "kube-worker": [10250], "kube-nodeport-services": [],
    "kube-apiserver": [6443], "kube-control-plane": [6443, 10250], "kube-control-plane-secure": [6443, 10250],
    "kubelet-readonly": [],
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    guard known.bool("node.isKubernetes") == true, let role = known.text("node.role") else {
      collected.leaveOpen(answers.map(\.key), because: .notCaptured)
      return collected
    }
    if source.canTell("/etc/systemd/system") {
      let redirect = SavedPacketFilter.redirectOfKubelet(in: source)
      collected.add(
        "firewall.kubeletRedirect", redirect.map { .text($0.rule) }, from: redirect?.path ?? "/etc/systemd/system",
        line: redirect?.line)
    } else {
      collected.leaveOpen("firewall.kubeletRedirect", because: .notCaptured)
    }
    let wanted = role == "control-plane" ? [6443, 10250] : [10250]
    if known.bool("firewall.firewalldActive") == true {
      addZones(to: &collected, source, wanted)
    } else if known.bool("firewall.ufwActive") == true {
      addRules(to: &collected, source, wanted)
    } else if let now = SavedPacketFilter.closedNow(wanted, in: source) {
      collected.add(key, list: now.ports.map { String($0) }, from: now.origin)
    } else if let saved = SavedPacketFilter.closed(wanted, in: source) {
      collected.add(key, list: saved.ports.map { String($0) }, from: saved.path)
    } else if known["firewall.firewalldActive"] == nil, known["firewall.ufwActive"] == nil {
      collected.leaveOpen(key, because: .notCaptured)
    } else {
      collected.add(key, list: [], from: "/etc")
    }
    return collected
  }

  private static func addZones(to collected: inout Collected, _ source: any Source, _ wanted: [Int]) {
    let folder = "/etc/firewalld/zones"
    let main = source.reading("/etc/firewalld/firewalld.conf")
    guard main.error == nil, source.listing("/etc").value != nil else {
      return collected.leaveOpen(key, because: main.error ?? .notCaptured)
    }
    let zone = (main.value ?? "").assignments.last { $0.key == "DefaultZone" }?.value ?? "public"
    var text = ""
    for name in source.names(in: folder).filter({ $0.hasSuffix(".xml") }).prefix(50) {
      text += source.reading("\(folder)/\(name)").value ?? ""
    }
    // Zones that trust sources, and rich rules, are more than a look at ports can judge.
    let isBeyond = ["<source", "<rule", "target=\"ACCEPT\"", "<ipset"].contains { text.contains($0) }
    if zone == "trusted" || isBeyond { return collected.add(key, list: [], from: folder) }
    var open: Set<Int> = []
    for tag in text.split(separator: "<") {
      if tag.hasPrefix("service "), let name = attribute("name", of: tag) { open.formUnion(services[name] ?? []) }
      if tag.hasPrefix("port "), attribute("protocol", of: tag) ?? "tcp" == "tcp",
        let range = attribute("port", of: tag)
      {
        open.formUnion(wanted.filter { SavedPacketFilter.covers(range, $0) })
      }
    }
    collected.add(key, list: wanted.filter { !open.contains($0) }.map { String($0) }, from: "\(folder)/\(zone).xml")
  }

  private static func attribute(_ name: String, of tag: Substring) -> String? {
    for quote in ["\"", "'"] {
      guard let start = tag.firstRange(of: "\(name)=\(quote)")?.upperBound else { continue }
      return String(tag[start...].prefix { String($0) != quote })
    }
    return nil
  }

  private static func addRules(to collected: inout Collected, _ source: any Source, _ wanted: [Int]) {
    let path = "/etc/ufw/user.rules"
    let policy = source.reading("/etc/default/ufw").value.flatMap { text in
      text.assignments.last { $0.key == "DEFAULT_INPUT_POLICY" }
    }
    guard let policy, let text = source.reading(path).value else {
      return collected.leaveOpen(key, because: .notCaptured)
    }
    if policy.value == "ACCEPT" { return collected.add(key, list: [], from: "/etc/default/ufw", line: policy.line) }
    var open: Set<Int> = []
    for line in numberedLines(text) where line.text.hasPrefix("-A ufw-user-input") && line.text.hasSuffix("ACCEPT") {
      let fields = line.fields
      guard let place = fields.firstIndex(where: { $0 == "--dport" || $0 == "--dports" }), place + 1 < fields.count
      else {
        // Everything from somewhere is let in.
        open.formUnion(wanted)
        continue
      }
      if fields.contains("udp") { continue }
      let ranges = fields[place + 1].split(separator: ",").map(String.init)
      open.formUnion(wanted.filter { port in ranges.contains { SavedPacketFilter.covers($0, port) } })
    }
    collected.add(key, list: wanted.filter { !open.contains($0) }.map { String($0) }, from: path)
  }
}
