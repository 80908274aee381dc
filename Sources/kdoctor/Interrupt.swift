import CSupport
import Glibc
import Synchronization

/// Ctrl-C: what is known by then is printed, and the status is 130. A second one ends at once.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Whether the user has asked to stop.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Starts to listen.
  static func listen() {
    flag.store(false, ordering: .relaxed)
    var action = sigaction()
    // Storing an atomic and what C calls safe is all that a handler may do here.
    action.__sigaction_handler.sa_handler = { number in
      Interrupt.flag.store(true, ordering: .relaxed)
      guard kdoctor_is_second_interrupt() != 0 else { return }
      signal(number, SIG_DFL)
      raise(number)
    }
    // Without SA_RESTART, a read that waits for a pipe ends.
    sigaction(SIGINT, &action, nil)
  }
}
