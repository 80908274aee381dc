import Model

/// All that the collectors learnt of one node.
public struct NodeReading: Sendable {
  /// The answers, by key.
  public private(set) var facts: [String: Fact] = [:]
  /// The questions that stayed open, with the reason why.
  public private(set) var unknown: [String: ReadError] = [:]
  /// How each collector fared, in order.
  public private(set) var collection: [CollectionStatus] = []

  /// Runs `collectors`, each with the facts of those before it.
  public init(of source: any Source, collectors: [any Collector.Type] = AllCollectors.list) {
    let clock = ContinuousClock()
    for collector in collectors {
      let began = clock.now
      let collected = collector.collect(from: source, known: facts)
      for fact in collected.facts { facts[fact.key] = fact }
      unknown.merge(collected.unknown) { $1 }
      let spent = (clock.now - began).components
      let open = collected.unknown.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      collection.append(
        CollectionStatus(
          collector: collector.name, outcome: open.isEmpty ? .ok : collected.facts.isEmpty ? .skipped : .partial,
          detail: open.isEmpty ? nil : open.joined(separator: "; "),
          milliseconds: Int(spent.seconds * 1000 + spent.attoseconds / 1_000_000_000_000_000)))
    }
    for key in facts.keys { unknown[key] = nil }
  }

  /// Whether something that `keys` need could not be read, although it was there to be read.
  public func failed(for keys: Set<String>) -> Bool {
    unknown.contains { key, error in
      guard keys.contains(key) else { return false }
      return switch error {
      case .absent, .notCaptured: false
      case .denied, .empty, .malformed, .failed: true
      }
    }
  }
}
