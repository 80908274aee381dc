import Foundation
import Testing

/// What a stranger does to a command-line tool.
@Suite struct MannersTests {
  private static let log = Binary.package.appendingPathComponent("samples/cri-disabled/kubelet.log").path

  private func folder(_ stage: String = ":") throws -> URL {
    let folder = try Binary.scratchFolder()
    try Shell.stage(stage, in: folder)
    return folder
  }

  @Test func whatIsNoTextIsNoLog() throws {
    let folder = try folder(
      """
      head -c 300000 /bin/bash > program; head -c 5000000 /dev/zero > zeros; printf '\\377\\330\\377\\001\\002\\003' > a.jpg
      mkdir logs; cp program a.jpg logs/; cp '\(Self.log)' logs/kubelet.log
      (head -c 3000000 /dev/zero; cat '\(Self.log)') > hole; iconv -t UTF-16 '\(Self.log)' > wide
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["program", "a.jpg"] {
      let result = try Binary.run(["analyze", name], in: folder)
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("\(name): is no text"))
    }
    #expect(try Binary.run(["analyze", "zeros"], in: folder).errors.contains("nothing but zero bytes"))
    // What lies beside logs is passed over, and a log that was emptied while its writer went on begins with a hole.
    for name in ["logs", "hole", "wide"] {
      let result = try Binary.run(["analyze", name, "-o", "json"], in: folder)
      #expect(try Binary.activeIDs(result.output) == ["cri-plugin-disabled"], "\(name)")
      #expect(result.errors.isEmpty, "\(name)")
    }
  }

  @Test(arguments: ["analyze '\(log)'", "rules list", "explain swap-enabled", "facts --list", "version"])
  func aFullDiskIsNoSuccess(_ command: String) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("$K \(command) > /dev/full", in: folder)
    #expect(result.status == 2)
    #expect(result.errors.contains("no space left on device"))
  }

  @Test func aPipeThatClosesEndsQuietly() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("$K rules list -o json | head -n 1; $K facts --list | head -n 1 | wc -l", in: folder)
    #expect(result.errors.isEmpty)
    #expect(result.output == "[\n1\n")
  }

  @Test func ctrlCEndsTheWaitForAPipe() throws {
    let folder = try folder("mkfifo pipe")
    defer { try? FileManager.default.removeItem(at: folder) }
    // A background job of a script ignores SIGINT: env gives it back.
    let result = try Shell.run(
      """
      exec 5<>pipe; cat '\(Self.log)' >&5
      env --default-signal=INT $K analyze - <&5 & job=$!
      sleep 1; kill -INT $job; wait $job
      """, in: folder)
    #expect(result.status == 130)
    #expect(result.output.contains("cri-plugin-disabled"))
    #expect(result.seconds < 15)
  }

  /// Logs that take a while to read, so that the signal comes in the middle.
  @Test(arguments: [("TERM", 143), ("HUP", 129)])
  func anEndedBundleLeavesNothing(_ signal: String, _ status: Int) throws {
    let folder = try folder(
      "mkdir -p root/etc root/proc out; echo n > root/etc/hostname; yes 'a line of a log' | head -c 60M > big")
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run(
      """
      mkdir -p root/var/log; for i in 1 2 3 4; do cp big root/var/log/kubelet.log.$i; done; cp big root/var/log/syslog
      $K bundle --root root out/b.tar.gz & p=$!
      for i in $(seq 400); do [ -e out/b.tar.gz.partial ] && break; sleep 0.02; done
      [ -e out/b.tar.gz.partial ] && echo began; kill -\(signal) $p; wait $p; echo $?; ls out
      """, in: folder)
    #expect(result.output == "began\n\(status)\n")
  }

  @Test func whatCouldNotBeReadIsInTheReport() throws {
    let folder = try folder(
      """
      mkdir -p root/etc/containerd root/usr/bin root/var/lib/kubelet; touch root/usr/bin/kubelet
      chmod 755 root/usr/bin/kubelet; mkfifo root/etc/containerd/config.toml
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = try Binary.run(["diagnose", "--root", "root"], in: folder)
    #expect(text.status == 3)
    #expect(text.output.contains("does not mean that the node is healthy"))
    #expect(text.output.contains("is no regular file: containerd."))
    let markdown = try Binary.run(["diagnose", "--root", "root", "-o", "markdown"], in: folder)
    #expect(markdown.output.contains("is no regular file: containerd."))
    let json = try Binary.run(["diagnose", "--root", "root", "-o", "json"], in: folder)
    #expect(json.errors.contains("is no regular file"))
  }

  @Test(arguments: ["kubelet-rootfs-unknown", "image-registry-unreachable", "default-route-missing"])
  func explainShowsNoTemplates(_ id: String) throws {
    for language in ["en", "zh"] {
      let page = try Binary.run(["explain", id, "--lang", language]).output
      #expect(!page.contains("${"))
      #expect(page.contains("<"))
    }
  }

  @Test func lintNamesFilesAsTheUserOpensThem() throws {
    let folder = try folder("mkdir -p rules/memory; printf 'id: other\\n' > rules/memory/bad.yaml")
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Binary.run(["rules", "lint", "rules"], in: folder)
    #expect(result.status == 2)
    #expect(result.errors.contains("rules/memory/bad.yaml:1: "))
  }

  @Test func whereABundleCannotGoIsSaid() throws {
    let folder = try folder("mkdir root root/etc; echo node-1 > root/etc/hostname")
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Binary.run(["bundle", "--root", "root", "missing/node.tar"], in: folder)
    #expect(result.status == 2)
    #expect(result.errors.contains("not written: missing/node.tar: no such file or directory"))
  }
}
