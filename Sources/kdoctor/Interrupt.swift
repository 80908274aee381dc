import Glibc
import Synchronization

/// Ctrl-C: what is known by then is printed, and the status is 130. A second one ends at once.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Whether the user has asked to stop.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Starts to listen.
  static func listen() {
    // Storing an atomic and restoring the default action are all that a handler may safely do here.
    flag.store(false, ordering: .relaxed)
    signal(SIGINT) { _ in
      Interrupt.flag.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }
}
