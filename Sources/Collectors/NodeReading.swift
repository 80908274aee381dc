import Dispatch
import Model
import Synchronization

/// All that the collectors learnt of one node.
public struct NodeReading: Sendable {
  /// The answers, by key.
  public private(set) var facts: [String: Fact] = [:]
  /// The questions that stayed open, with the reason why.
  public private(set) var unknown: [String: ReadError] = [:]
  /// How each collector fared, in order.
  public private(set) var collection: [CollectionStatus] = []

  /// Runs `collectors` side by side, each with the facts of those before it, and `meanwhile` on the calling thread.
  ///
  /// - Parameters:
  ///   - limit: what has not answered in this many seconds has no answer.
  ///   - isCancelled: is asked now and then; what has not answered when it says yes has no answer.
  public init(
    of source: any Source, collectors: [any Collector.Type] = AllCollectors.list, limit: Double = 60,
    isCancelled: () -> Bool = { false }, meanwhile: () -> Void = {}
  ) {
    let board = FactBoard(collectors)
    for (index, collector) in collectors.enumerated() {
      // A queue of its own, because a read may wait: a shared pool would let the others wait with it.
      DispatchQueue(label: collector.name).async {
        let began = ContinuousClock.now
        let collected = collector.collect(from: source, known: board.known(before: index))
        board.post(collected, milliseconds: (ContinuousClock.now - began).milliseconds, by: index)
      }
    }
    let began = ContinuousClock.now
    meanwhile()
    for (index, collector) in collectors.enumerated() {
      var reason = ReadError.timedOut(seconds: limit)
      var isDone = board.isDone(index, within: 0.001)
      while !isDone, (ContinuousClock.now - began).milliseconds < Int(limit * 1000) {
        if isCancelled() {
          reason = .interrupted
          break
        }
        isDone = board.isDone(index, within: 0.05)
      }
      add(board.result(of: index) ?? (Collected(open: collector, because: reason), nil), of: collector)
    }
    for key in facts.keys { unknown[key] = nil }
  }

  private mutating func add(_ result: (collected: Collected, milliseconds: Int?), of collector: any Collector.Type) {
    let collected = result.collected
    for fact in collected.facts { facts[fact.key] = fact }
    unknown.merge(collected.unknown) { $1 }
    let open = collected.unknown.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    // What the user did not ask for is missing on purpose.
    let isComplete = collected.unknown.values.allSatisfy { if case .notAsked = $0 { true } else { false } }
    let hasFailed = collected.unknown.values.contains { if case .timedOut = $0 { true } else { false } }
    collection.append(
      CollectionStatus(
        collector: collector.name,
        outcome: open.isEmpty || isComplete && !collected.facts.isEmpty
          ? .ok : !collected.facts.isEmpty ? .partial : hasFailed ? .failed : .skipped,
        detail: open.isEmpty ? nil : open.joined(separator: "; "), milliseconds: result.milliseconds ?? 0))
  }

  /// Whether something that `keys` need could not be read, although it was there to be read.
  public func failed(for keys: Set<String>) -> Bool {
    unknown.contains { key, error in
      guard keys.contains(key) else { return false }
      return switch error {
      case .absent, .notCaptured, .notAsked: false
      case .denied, .timedOut, .interrupted, .empty, .malformed, .failed: true
      }
    }
  }
}

/// Where collectors leave their results for one another.
private final class FactBoard: Sendable {
  private struct Result { let collected: Collected, facts: [String: Fact], milliseconds: Int }

  private let results: Mutex<[Int: Result]> = Mutex([:])
  private let done: [DispatchGroup]
  /// The collectors that answer a key, by their places in the list.
  private let owners: [String: [Int]]

  init(_ collectors: [any Collector.Type]) {
    var owners: [String: [Int]] = [:]
    for (index, collector) in collectors.enumerated() {
      for (key, _) in collector.answers { owners[key, default: []].append(index) }
    }
    self.owners = owners
    done = collectors.map { _ in DispatchGroup() }
    for group in done { group.enter() }
  }

  /// The facts of the collectors before `index`; whoever asks for one waits for its collector. Nobody waits for a
  /// later one, so there is no circle.
  func known(before index: Int) -> KnownFacts {
    KnownFacts { [self] key in
      for owner in (owners[key] ?? []).reversed() where owner < index {
        done[owner].wait()
        if let fact = results.withLock({ $0[owner]?.facts[key] }) { return fact }
      }
      return nil
    }
  }

  func post(_ collected: Collected, milliseconds: Int, by index: Int) {
    let facts = Dictionary(collected.facts.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    results.withLock { $0[index] = Result(collected: collected, facts: facts, milliseconds: milliseconds) }
    done[index].leave()
  }

  func isDone(_ index: Int, within seconds: Double) -> Bool {
    done[index].wait(timeout: .now() + seconds) == .success
  }

  func result(of index: Int) -> (Collected, Int?)? {
    results.withLock { $0[index].map { ($0.collected, $0.milliseconds) } }
  }
}

extension Collected {
  /// No answer to anything that `collector` was to answer.
  fileprivate init(open collector: any Collector.Type, because reason: ReadError) {
    self.init()
    for (key, _) in collector.answers { leaveOpen(key, because: reason) }
  }
}

extension Duration {
  fileprivate var milliseconds: Int {
    Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
  }
}
