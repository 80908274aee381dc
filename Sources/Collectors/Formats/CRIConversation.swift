import Model

/// What a runtime answers when it is asked as the kubelet asks it.
struct CRIConversation: Sendable {
  /// The versions of the interface that it serves: v1, v1alpha2.
  private(set) var versions: [String] = []
  private(set) var version: CRIVersion?
  private(set) var status: CRIStatus?
  /// The server's words where it refuses what this kubelet asks.
  private(set) var refusal: String?
  /// Why there is no status, although the runtime serves a version.
  private(set) var statusFailure: ReadError?
  /// The configuration that it works with.
  private(set) var inForce = ConfigInForce([:])

  /// Asks for the version, then for the status, and for the cgroup driver where the status does not tell it.
  ///
  /// - Parameter kubelet: the version of the kubelet, if it is known.
  /// - Throws: where nobody answered at all.
  init(with socket: String, of source: any Source, kubelet: String?) throws(ReadError) {
    // Before 1.23 the kubelet speaks v1alpha2 and nothing else. Where it does not, v1alpha2 is asked only of a runtime
    // that has no v1: containerd 1.7 keeps a record of everyone who still uses the old one.
    let isOld = kubelet.map { isVersion($0, olderThan: "1.23") } ?? false
    for name in ["v1", "v1alpha2"] where name == "v1" || versions.isEmpty || isOld {
      switch try Self.call(name, "Version", [], socket, source) {
      case .served(let bytes):
        versions.append(name)
        if version == nil { version = try CRIVersion(bytes) }
      case .refused(let words):
        if (name == "v1alpha2") == isOld { refusal = words }
      }
    }
    guard let best = versions.first else { return }
    do throws(ReadError) {
      switch try Self.call(best, "Status", CRIStatus.request, socket, source) {
      case .served(let bytes): status = try CRIStatus(bytes)
      case .refused(let words): throw .failed(words)
      }
    } catch {
      statusFailure = error
      return
    }
    inForce = ConfigInForce(status?.info ?? [:])
    // CRI-O tells it here alone, from 1.28 on; a runtime that does not know the method has said all it has to say.
    if inForce.cgroupDriver == nil, case .served(let bytes)? = try? Self.call(best, "RuntimeConfig", [], socket, source)
    {
      inForce.take(runtimeConfig: bytes)
    }
  }

  private enum Reply {
    case served([UInt8])
    /// The server's words.
    case refused(String)
  }

  private static func call(
    _ version: String, _ method: String, _ request: [UInt8], _ socket: String, _ source: any Source
  ) throws(ReadError) -> Reply {
    do throws(ReadError) {
      let method = "/runtime.\(version).RuntimeService/\(method)"
      return .served(try source.answer(to: .call(socket: socket, method: method, request: request)))
    } catch {
      guard case .failed(let text) = error, text.hasPrefix("grpc "), let colon = text.firstIndex(of: ":") else {
        throw error
      }
      return .refused(String(text[text.index(after: colon)...]).trimmed)
    }
  }
}
