import Model

/// What systemd knows of the kubelet's unit. Only a live node can tell.
///
/// - SeeAlso: systemctl(1), org.freedesktop.systemd1(5)
enum UnitStatesCollector: Collector {
  static let name = "unit states"

  static let answers: [(key: String, summary: String)] = [
    ("kubelet.restarts", "how often systemd started the kubelet again: NRestarts of org.freedesktop.systemd1(5)"),
    ("kubelet.activeState", "active, activating, failed or inactive: ActiveState of org.freedesktop.systemd1(5)"),
  ]

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    do throws(ReadError) {
      // sd_booted(3): without systemd there is nobody to ask, which is no failure.
      guard try source.exists("/run/systemd/system") else { throw .notCaptured }
      let unit = "kubelet.service"
      let output = try source.answer(to: .command(.unitStates([unit])))
      var values: [String: String] = [:]
      for (key, value, _) in String(decoding: output, as: UTF8.self).assignments { values[key] = value }
      let origin = "systemctl show \(unit)"
      guard values["LoadState"] == "loaded" else {
        for answer in answers { collected.add(answer.key, nil, from: origin) }
        return collected
      }
      collected.add("kubelet.restarts", values["NRestarts"].flatMap { Double($0) }.map { .number($0) }, from: origin)
      collected.add("kubelet.activeState", values["ActiveState"].map { .text($0) }, from: origin)
    } catch {
      for answer in answers { collected.leaveOpen(answer.key, because: error) }
    }
    return collected
  }
}
