/// An amount as Kubernetes writes it: `512Mi`, `1.5Gi`, `100m`, `2e9`.
///
/// - SeeAlso: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
enum Quantity {
  private static let factors: [String: Double] = [
    "": 1, "m": 0.001, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "Ki": 1024, "Mi": 1_048_576,
    "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "Pi": 1_125_899_906_842_624,
  ]

  /// The number that `text` means; nil for anything else.
  static func value(_ text: String) -> Double? {
    if let plain = Double(text), plain.isFinite { return plain }
    let suffix = text.reversed().prefix { $0.isLetter }.reversed()
    guard let factor = factors[String(suffix)], let number = Double(text.dropLast(suffix.count)), number.isFinite
    else { return nil }
    return number * factor
  }
}
