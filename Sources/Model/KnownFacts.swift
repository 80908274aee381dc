/// What other collectors learnt; asking may wait until they have.
public struct KnownFacts: Sendable, ExpressibleByDictionaryLiteral {
  private let lookup: @Sendable (String) -> Fact?

  /// - Parameter lookup: gives the fact of a key, or nil when nobody knows it.
  public init(_ lookup: @escaping @Sendable (String) -> Fact?) { self.lookup = lookup }

  public init(_ facts: [String: Fact]) { self.init { facts[$0] } }

  public init(dictionaryLiteral elements: (String, Fact)...) {
    self.init(Dictionary(elements, uniquingKeysWith: { $1 }))
  }

  public subscript(key: String) -> Fact? { lookup(key) }
}
