import Model
import YAMLTree

/// HTTP proxies of the kubelet, the runtimes and the whole system.
///
/// - SeeAlso: https://pkg.go.dev/golang.org/x/net/http/httpproxy, systemd.exec(5), pam_env(8)
enum ProxyCollector: Collector {
  static let name = "proxy"

  static let answers: [(key: String, summary: String)] = [
    ("proxy.http", "HTTP_PROXY of the kubelet, a runtime or the system: Go's httpproxy.FromEnvironment"),
    ("proxy.https", "HTTPS_PROXY of the kubelet, a runtime or the system: Go's httpproxy.FromEnvironment"),
    ("proxy.noProxy", "the entries of NO_PROXY beside it: Go's httpproxy.Config"),
    ("proxy.noProxyMissing", "the API server's host and service networks that go through the proxy: kubeadm preflight"),
  ]

  /// The proxy variables of one place, with where each was written.
  private struct Environment {
    let isRuntime: Bool
    var values: [String: (value: String, path: String, line: Int)] = [:]

    subscript(key: String) -> (value: String, path: String, line: Int)? {
      values[key].flatMap { $0.value.isEmpty ? nil : $0 }
    }

    var exceptions: [String] { self["NO_PROXY"]?.value.split(separator: ",").map { String($0).trimmed } ?? [] }

    mutating func take(_ key: String, _ value: String, _ path: String, _ line: Int) {
      let name = key.uppercased()
      if ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].contains(name) { values[name] = (value, path, line) }
    }
  }

  static func collect(from source: any Source, known: KnownFacts) -> Collected {
    var collected = Collected()
    var environments: [Environment] = []
    var error: ReadError?
    let system = source.reading("/etc/environment")
    if let reason = system.error { error = reason }
    for unit in ["kubelet", "containerd", "crio", "docker"] {
      do throws(ReadError) {
        environments.append(try environment(of: unit, from: source))
      } catch let reason { error = reason }
    }
    var shell = Environment(isRuntime: true)
    for (key, value, line) in (system.value ?? "").assignments { shell.take(key, value, "/etc/environment", line) }
    environments.append(shell)
    environments += podEnvironments(source, known)
    let used = environments.filter { $0["HTTP_PROXY"] != nil || $0["HTTPS_PROXY"] != nil }
    guard let first = used.first else {
      let keys = answers.map(\.key)
      if let error {
        collected.leaveOpen(keys, because: error)
      } else {
        for key in keys.prefix(2) { collected.add(key, nil, from: "/etc/environment") }
        for key in keys.dropFirst(2) { collected.add(key, list: [], from: "/etc/environment") }
      }
      return collected
    }
    let place = first["HTTPS_PROXY"] ?? first["HTTP_PROXY"]
    let path = place?.path ?? "/etc/environment"
    for (key, name) in [("proxy.http", "HTTP_PROXY"), ("proxy.https", "HTTPS_PROXY")] {
      collected.add(key, first[name].map { .text($0.value) }, from: first[name]?.path ?? path, line: first[name]?.line)
    }
    let exceptions = first["NO_PROXY"]
    collected.add("proxy.noProxy", list: first.exceptions, from: exceptions?.path ?? path, line: exceptions?.line)
    addMissing(to: &collected, from: source, known: known, used: used)
    return collected
  }

  /// kubeadm hands the proxies of its own shell to the control plane, which asks kubelets and services through them.
  private static func podEnvironments(_ source: any Source, _ known: KnownFacts) -> [Environment] {
    let pods = StaticPod.folder(in: source, known: known).value?.pods ?? []
    return pods.filter { $0.names.contains("kube-apiserver") }.map { pod in
      var environment = Environment(isRuntime: false)
      for entry in pod.root["spec"]?["containers"]?.items.first?["env"]?.items ?? [] {
        guard let name = entry["name"]?.text, let value = entry["value"]?.text else { continue }
        environment.take(name, value, pod.path, entry.line)
      }
      return environment
    }
  }

  private static func environment(of unit: String, from source: any Source) throws(ReadError) -> Environment {
    var environment = Environment(isRuntime: unit != "kubelet")
    guard let file = try UnitFile.read("\(unit).service", from: source) else { return environment }
    for setting in file.values("Environment") {
      for word in UnitFile.words(setting.value) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { environment.take(String(parts[0]), String(parts[1]), setting.file, setting.line) }
      }
    }
    for setting in file.values("EnvironmentFile") {
      let path = setting.value.hasPrefix("-") ? String(setting.value.dropFirst()) : setting.value
      for (key, value, line) in (source.reading(path).value ?? "").assignments {
        environment.take(key, value, path, line)
      }
    }
    return environment
  }

  /// A runtime asks only registries: it is judged where it has no exceptions but the node itself. The kubelet asks the
  /// API server.
  private static func addMissing(
    to collected: inout Collected, from source: any Source, known: KnownFacts, used: [Environment]
  ) {
    let key = "proxy.noProxyMissing"
    var wanted = known.filled("apiserver.endpoint").map { [hostPart(of: $0)] } ?? []
    let flags = StaticPod.folder(in: source, known: known).value?.pods.flatMap(\.flags) ?? []
    for flag in flags where flag.name == "service-cluster-ip-range" {
      wanted += flag.value.split(separator: ",").map(String.init)
    }
    var missing: [String] = []
    var place: (value: String, path: String, line: Int)?
    for environment in used where !environment.isRuntime || environment.exceptions.allSatisfy(isLocal) {
      let lost = wanted.filter { !isExempt($0, environment.exceptions) }
      if place == nil, !lost.isEmpty { place = environment["NO_PROXY"] ?? environment["HTTPS_PROXY"] }
      missing += lost
    }
    if wanted.isEmpty {
      collected.leaveOpen(key, because: .notCaptured)
    } else {
      collected.add(key, list: missing.distinct, from: place?.path ?? "/etc/systemd/system", line: place?.line)
    }
  }

  /// Whether an exception means the node itself.
  private static func isLocal(_ exception: String) -> Bool {
    if exception == "localhost" || exception.hasSuffix(".localdomain") { return true }
    return (IPNetwork(exception)?.base ?? IPAddress(exception))?.isLoopback ?? false
  }

  /// Whether Go would go to `target`, an address, a name or a network, without the proxy.
  static func isExempt(_ target: String, _ exceptions: [String]) -> Bool {
    let network = IPNetwork(target) ?? IPAddress(target).flatMap { IPNetwork($0, length: $0.bytes.count * 8) }
    if target == "localhost" || network?.base.isLoopback == true { return true }
    return exceptions.contains { exception in
      if exception == "*" { return true }
      if let network {
        let range = IPNetwork(exception) ?? IPAddress(exception).flatMap { IPNetwork($0, length: $0.bytes.count * 8) }
        return range.map { $0.contains(network.base) && $0.length <= network.length } ?? false
      }
      let name = exception.hasPrefix("*.") ? String(exception.dropFirst()) : exception
      let suffix = name.hasPrefix(".") ? name : ".\(name)"
      return !name.isEmpty && (target == name || target.hasSuffix(suffix))
    }
  }
}
