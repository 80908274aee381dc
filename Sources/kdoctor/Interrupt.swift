import Glibc
import Synchronization

/// Ctrl-C: what is known by then is printed, and the status is 130. A second one ends at once.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Whether the user has asked to stop.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Starts to listen.
  static func listen() {
    // Storing an atomic is all that a handler may safely do here.
    flag.store(false, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interrupt.flag.store(true, ordering: .relaxed) }
    // The second one finds the default action again. Without SA_RESTART, a read that waits for a pipe ends.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGINT, &action, nil)
  }
}
