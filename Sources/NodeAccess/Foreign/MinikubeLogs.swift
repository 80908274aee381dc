/// What `minikube logs` prints: one text of sections, each under a line `==> NAME <==`.
///
/// - SeeAlso: https://minikube.sigs.k8s.io/docs/commands/logs/
enum MinikubeLogs: ForeignText {
  static let name = "minikube logs"

  private static let sections: Set<Substring> = [
    "Audit", "Last Start", "container status", "describe nodes", "dmesg", "kernel", "kubelet", "Docker", "containerd",
    "CRI-O",
  ]

  static func node(in head: Substring) -> CapturedNode? {
    var names: Set<Substring> = []
    var kernel: [Substring] = []
    var isKernel = false
    for raw in head.split(separator: "\n") {
      // `minikube logs` marks the lines of a section with a space in front where it was pasted from an issue.
      let line = raw.drop { $0 == " " || $0 == "*" }
      if line.hasPrefix("==> "), line.hasSuffix(" <==") {
        let name = line.dropFirst(4).dropLast(4)
        if sections.contains(name) { names.insert(name) }
        isKernel = name == "kernel"
      } else if isKernel, kernel.count < 8 {
        kernel.append(line)
      }
    }
    guard names.count >= 2 else { return nil }
    var node = CapturedNode()
    for line in kernel {
      if line.hasPrefix("Linux ") { CommandOutput.addKernel(String(line), to: &node) }
      if line.hasPrefix("PRETTY_NAME=") { node.add("/etc/os-release", text: line + "\n") }
    }
    return node
  }
}
