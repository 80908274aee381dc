import ArgumentParser
import Glibc
import Model
import NodeAccess
import Reports

extension Language: ExpressibleByArgument {}
extension Severity: ExpressibleByArgument {}
extension ReportFormat: ExpressibleByArgument {}

/// When to use colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

/// A length of time on the command line: `90`, `90s`, `2m`, `1h`.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Double

  init(seconds: Double) { self.seconds = seconds }

  init?(argument: String) {
    let units: [(name: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
    let unit = units.first { argument.hasSuffix($0.name) }
    guard let number = Double(argument.dropLast(unit?.name.count ?? 0)), number > 0, number.isFinite else { return nil }
    seconds = number * (unit?.seconds ?? 1)
  }

  var defaultValueDescription: String { "\(Int(seconds))s" }
}

/// Options of the commands that read a node.
struct NodeOptions: ParsableArguments {
  @Option(help: "How long to wait in all; what has not answered by then is unknown: 30s, 2m.")
  var timeout = TimeSpan(seconds: 60)

  @Flag(help: "Also ask what leaves this machine: resolve names, connect to the registries of images.")
  var network = false

  /// The node below `root`.
  ///
  /// - Throws: the end with a message where it cannot be read, or where its network would be this machine's.
  func source(_ root: String) throws -> DirectorySource {
    let source = try openRoot(root, mayUseNetwork: network)
    if network, !source.isLive {
      throw commandLineFault("--network asks from this machine: it does not go with another root folder")
    }
    return source
  }
}

/// Options that limit which part of the logs is read; journalctl(1) reads them the same way.
struct WindowOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Only log lines from this time on: \"2026-11-24 10:00\", -2h, \"1 hour ago\", yesterday, @1795000000.")
  var since: String?

  @Option(parsing: .unconditional, help: "Only log lines up to this time.")
  var until: String?

  @Option(
    parsing: .unconditional, help: "Only this boot of a journal: 0 is the last one, -1 the one before, or its id.")
  var boot: String?

  /// The window asked for; nil where none was.
  func window(now: Double) throws -> LogWindow? {
    if since == nil, until == nil, boot == nil { return nil }
    do {
      return try LogWindow(since: since, until: until, boot: boot, now: now)
    } catch {
      throw commandLineFault("\(error)")
    }
  }
}

/// Options that several commands share.
struct CommonOptions: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: "The form of the report: text, json or markdown.")
  var output: ReportFormat = .text

  @Option(help: "The language of the report: en or zh (default: from the locale).")
  var lang: Language?

  @Option(help: "A folder of rules to add; they replace those of the same id.")
  var knowledge: String?

  @Option(help: "When to use colours: auto, always or never.")
  var color: ColorChoice = .auto

  @Option(help: "Exit with 1 from this severity on: critical, warning or info.")
  var failOn: Severity = .warning

  @Flag(help: "Show more evidence, and how to undo a fix.")
  var verbose = false

  @Flag(help: "Print nothing but findings: no warnings about inputs.")
  var quiet = false

  /// The language asked for, or that of the locale.
  var language: Language { lang ?? .ofLocale }

  /// Whether the report may have colours.
  var usesColor: Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: isatty(1) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    }
  }

  /// The columns of the terminal.
  var width: Int {
    var size = winsize()
    if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return getenv("COLUMNS").flatMap { Int(String(cString: $0)) } ?? 80
  }

  /// The reporter that these options ask for.
  var reporter: any Reporter { output.reporter(color: usesColor, width: width, verbose: verbose) }
}

extension Language {
  /// That of the locale, as setlocale(3) finds it.
  static var ofLocale: Language {
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
      if let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty {
        return value.hasPrefix("zh") ? .zh : .en
      }
    }
    return .en
  }
}

/// Ends with a message about options that do not go together: those that the parser cannot judge.
func commandLineFault(_ message: String) -> ExitCode {
  complain(message)
  return .validationFailure
}

/// The statuses with which kdoctor ends: "Exit status" of the README.
extension ExitCode {
  static let found = ExitCode(1)
  static let notDone = ExitCode(2)
  static let incomplete = ExitCode(3)
  static let interrupted = ExitCode(130)
}

/// Writes to standard output.
///
/// - Throws: the end with a message where not all of it could be written, such as to a full disk: a report that was cut
///   off must not pass for a whole one.
func say(_ text: String, terminator: String = "\n") throws {
  let bytes = Array((text + terminator).utf8)
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes { write(1, $0.baseAddress.map { $0 + written }, $0.count - written) }
    if count > 0 {
      written += count
    } else if errno == EPIPE {
      // Whoever started this ignores SIGPIPE; a reader that has seen enough is no failure to speak of.
      throw ExitCode(128 + SIGPIPE)
    } else if errno != EINTR {
      complain("standard output: \(String(cString: strerror(errno)).lowercased())")
      throw ExitCode.notDone
    }
  }
}

/// Writes to standard error, without what a hostile name could do to a terminal.
func complain(_ message: String) {
  let line = Array(("kdoctor: " + Terminal.stripped(message) + "\n").utf8)
  _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}
