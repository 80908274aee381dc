import Model

/// Facts that every program has: whether it is installed, which version, whether it runs.
enum Programs {
  static func add(
    _ program: String, prefix: String, packages names: [String], _ source: any Source, _ collected: inout Collected
  ) {
    var process: Processes.Process?
    do throws(ReadError) {
      process = try Processes(of: source).named(program)
      collected.add("\(prefix).running", .bool(process != nil), from: process?.path ?? "/proc")
    } catch {
      collected.leaveOpen("\(prefix).running", because: error)
    }
    if let process {
      collected.add("\(prefix).installed", .bool(true), from: process.path)
    } else {
      do throws(ReadError) {
        let path = try source.program(program)
        collected.add("\(prefix).installed", .bool(path != nil), from: path ?? "/usr/bin/" + program)
      } catch {
        collected.leaveOpen("\(prefix).installed", because: error)
      }
    }
    guard !names.isEmpty else { return }
    let packages = InstalledPackages(of: source)
    if let version = names.lazy.compactMap({ packages.version($0) }).first {
      collected.add("\(prefix).version", .text(version), from: packages.file)
    } else {
      collected.leaveOpen("\(prefix).version", because: .notCaptured)
    }
  }
}
