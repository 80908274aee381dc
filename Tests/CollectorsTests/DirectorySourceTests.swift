import Glibc
import Model
import NodeAccess
import Testing

/// A folder that is made for one test.
private final class Tree {
  let path: String

  init() {
    var template = Array("/tmp/kdoctor-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
    }
  }

  deinit { remove(path, isFolder: true) }

  private func remove(_ path: String, isFolder: Bool) {
    if isFolder {
      for name in (try? DirectorySource(root: path).entries(of: "/")) ?? [] {
        var status = stat()
        lstat(path + "/" + name, &status)
        remove(path + "/" + name, isFolder: status.st_mode & S_IFMT == S_IFDIR)
      }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  func folder(_ name: String) {
    var made = path
    for part in name.split(separator: "/") {
      made += "/" + part
      mkdir(made, 0o755)
    }
  }

  func file(_ name: String, _ text: String) {
    folder(name.split(separator: "/").dropLast().joined(separator: "/"))
    guard let file = fopen(path + "/" + name, "w") else { return }
    fputs(text, file)
    fclose(file)
  }
}

@Suite struct DirectorySourceTests {
  private func reason(_ source: DirectorySource, _ path: String) -> String? {
    do throws(ReadError) {
      _ = try source.contents(of: path, limit: 100)
      return nil
    } catch {
      return switch error {
      case .absent: "absent"
      case .notCaptured: "not captured"
      case .malformed: "malformed"
      default: "failed"
      }
    }
  }

  @Test func tellsAbsentFromNotCaptured() {
    let tree = Tree()
    tree.file("etc/hostname", "node-1\n")
    tree.file("var/log/syslog", "x\n")
    tree.folder("proc")
    tree.folder("usr/bin")
    let source = DirectorySource(root: tree.path + "/")
    #expect(reason(source, "/etc/hostname") == nil)
    #expect(reason(source, "/etc/fstab") == "absent")
    #expect(reason(source, "/etc/hostname/x") == "absent")
    #expect(reason(source, "/proc/swaps") == "not captured")
    #expect(reason(source, "/sys/fs/cgroup/x") == "not captured")
    #expect(reason(source, "/var/log/messages") == "absent")
    #expect(reason(source, "/var/lib/kubelet/config.yaml") == "not captured")
    #expect(reason(source, "/usr/bin/kubelet") == "not captured")
    #expect((try? source.exists("/proc")) == nil)
    #expect((try? source.entries(of: "/proc")) == nil)
  }

  @Test func resolvesLinksInsideTheRoot() {
    let tree = Tree()
    tree.file("etc/passwd", "inside")
    symlink("../../../../../etc/passwd", tree.path + "/etc/up")
    symlink("/etc/passwd", tree.path + "/etc/absolute")
    symlink("a", tree.path + "/etc/b")
    symlink("b", tree.path + "/etc/a")
    symlink("/dev/null", tree.path + "/etc/mask")
    let source = DirectorySource(root: tree.path)
    #expect((try? source.text(of: "/etc/up")) == "inside")
    #expect((try? source.text(of: "/etc/absolute")) == "inside")
    #expect((try? source.text(of: "/etc/../../../etc/passwd")) == "inside")
    #expect(reason(source, "/etc/a") == "malformed")
    #expect((try? source.status(of: "/etc/mask", followingLinks: false))?.target == "/dev/null")
  }

  @Test func readsOnlyRegularFilesUpToTheLimit() {
    let tree = Tree()
    tree.file("etc/large", String(repeating: "x", count: 101))
    mkfifo(tree.path + "/etc/pipe", 0o644)
    let source = DirectorySource(root: tree.path)
    #expect(reason(source, "/etc/large") == "malformed")
    #expect(reason(source, "/etc/pipe") == "failed")
    #expect(reason(source, "/etc") == "failed")
    #expect((try? DirectorySource(root: "/").contents(of: "/proc/stat", limit: 1 << 22))?.isEmpty == false)
  }
}
