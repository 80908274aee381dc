import Foundation
import Testing

/// A sick node: what hangs, is denied, too large or of the wrong kind costs its own facts only, and is named.
@Suite(.serialized) struct FaultTests {
  static let line =
    "Nov 25 08:00:00 node-1 kubelet[9]: E1125 08:00:00.000000 9 run.go:74] err=\"unknown service "
    + "runtime.v1.RuntimeService\"\n"

  /// A folder with a node in `root`; the caller removes it.
  private func node(_ stage: String = ":") throws -> URL {
    let folder = try Binary.scratchFolder()
    try Data(Self.line.utf8).write(to: folder.appendingPathComponent("line"))
    try Shell.stage(
      """
      mkdir -p root/etc/containerd root/etc/kubernetes root/var/log root/var/lib/kubelet root/usr/bin root/proc
      touch root/usr/bin/kubelet; chmod 755 root/usr/bin/kubelet; echo node-1 > root/etc/hostname
      echo 127.0.0.1 localhost node-1 > root/etc/hosts
      cp line root/var/log/syslog
      """ + "\n" + stage, in: folder)
    return folder
  }

  @Test func neitherFifoNorFolderBlocks() throws {
    let folder = try node(
      """
      mkfifo root/etc/containerd/config.toml root/var/log/messages root/var/log/kubelet.log
      mkdir -p root/var/lib/kubelet/config.yaml root/var/log/containerd.log root/var/log/kern.log
      mkdir -p root/var/log/pods/kube-system_x_1/c; mkfifo root/var/log/pods/kube-system_x_1/c/0.log
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("timeout -s KILL 30 $K diagnose --root root -o json", in: folder)
    #expect(result.status == 1)
    #expect(result.seconds < 10)
    #expect(try Binary.activeIDs(result.output).first == "cri-plugin-disabled")
    #expect(result.errors.contains("/var/log/messages: is no regular file"))
    #expect(result.output.contains("is no regular file"))
  }

  @Test func noLinkLeadsOutOfTheRoot() throws {
    let folder = try node(
      """
      mv root/var/log/syslog outside.log
      mkdir -p root/var/log/pods/kube-system_x_1/c root/var/log/pods/kube-system_y_1
      ln -s "$PWD/outside.log" root/var/log/syslog
      ln -s ../../../../../../outside.log root/var/log/pods/kube-system_x_1/c/0.log
      ln -s "$PWD" root/var/log/pods/kube-system_y_1/c
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("$K diagnose --root root -o json", in: folder)
    #expect(try Binary.activeIDs(result.output) == [])
    // A link inside of it is followed, as the node would.
    try Shell.stage(
      "mkdir root/data; mv outside.log root/data/0; ln -sf /data/0 root/var/log/pods/kube-system_x_1/c/0.log",
      in: folder)
    let inside = try Shell.run("$K diagnose --root root -o json", in: folder)
    #expect(try Binary.activeIDs(inside.output) == ["cri-plugin-disabled"])
  }

  @Test func aHugeFileIsNotReadWhole() throws {
    let folder = try node(
      """
      truncate -s 2G root/var/lib/kubelet/config.yaml
      truncate -s 2G root/var/log/syslog; (echo; cat line) >> root/var/log/syslog
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("$K diagnose --root root -o json", in: folder)
    #expect(try Binary.activeIDs(result.output).contains("cri-plugin-disabled"))
    #expect(result.seconds < 10)
    #expect(result.output.contains("only the newest 64 MiB were read"))
    #expect(result.output.contains("is larger than"))
  }

  @Test func rotatedSyslogIsReadWhereThereIsNoJournal() throws {
    let folder = try node("mv root/var/log/syslog root/var/log/messages.1; touch root/var/log/messages")
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("$K diagnose --root root -o json", in: folder)
    #expect(try Binary.activeIDs(result.output) == ["cri-plugin-disabled"])
  }

  @Test(.enabled(if: Shell.isRoot)) func whatIsDeniedIsSaid() throws {
    let folder = try node(
      """
      cp "$K" kdoctor; chmod 755 . root kdoctor; rm root/var/log/syslog
      mkdir root/var/log/pods; chmod 700 root/var/log root/var/log/pods root/etc/kubernetes root/etc/containerd
      """)
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run(
      "setpriv --reuid 65534 --regid 65534 --clear-groups ./kdoctor diagnose --root root", in: folder)
    #expect(result.status == 3)
    #expect(result.errors.contains("/var/log: permission denied"))
    let live = try Shell.run(
      "setpriv --reuid 65534 --regid 65534 --clear-groups ./kdoctor diagnose -o json", in: folder)
    #expect([0, 1, 3].contains(live.status))
    #expect(live.output.contains("schemaVersion"))
  }

  @Test(.enabled(if: Shell.isRoot)) func aFullDiskIsNoObstacle() throws {
    let folder = try node(
      """
      mkdir full; mount -t tmpfs -o size=16k none full; head -c 100000 /dev/zero > full/fill || true
      mkdir more; cp root/var/log/syslog more/a.log; printf 'LPKSHHRH' > more/b.journal
      head -c 100000 /dev/zero >> more/b.journal; tar czf more.tar.gz more
      """)
    defer {
      _ = try? Shell.run("umount full", in: folder)
      try? FileManager.default.removeItem(at: folder)
    }
    let node = try Shell.run("TMPDIR=$PWD/full $K diagnose --root root -o json", in: folder)
    #expect(try Binary.activeIDs(node.output) == ["cri-plugin-disabled"])
    let archive = try Shell.run("TMPDIR=$PWD/full $K analyze more.tar.gz -o json", in: folder)
    #expect(try Binary.activeIDs(archive.output) == ["cri-plugin-disabled"])
    #expect(archive.errors.contains("no space for a temporary copy") || archive.errors.contains("no temporary file"))
  }

  @Test func noCommandIsNeeded() throws {
    let folder = try node()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("PATH= $K diagnose --root root -o json", in: folder)
    #expect(try Binary.activeIDs(result.output) == ["cri-plugin-disabled"])
    let live = try Shell.run("PATH= $K diagnose -o json", in: folder)
    #expect([0, 1, 3].contains(live.status))
  }

  @Test func aClosedPipeEndsQuietly() throws {
    let folder = try node()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Shell.run("$K diagnose --root root | head -n 1; $K rules list | head -n 1", in: folder)
    #expect(result.errors == "")
    #expect(result.seconds < 10)
    let closed = try Shell.run("$K diagnose --root root >&-; echo $?", in: folder)
    #expect(!closed.output.contains("134") && !closed.output.contains("139"))
  }

  // A file system whose server does not answer any more.

  private func frozen(_ mountPoint: String, _ script: String) throws -> Shell.Result {
    let folder = try node(
      """
      mkdir -p server; cp line server/syslog; rm -f \(mountPoint)/*
      setsid bindfs -f -o attr_timeout=0,entry_timeout=0 server \(mountPoint) </dev/null >/dev/null 2>&1 & echo $! > pid
      for _ in 1 2 3 4 5 6 7 8 9 10; do test -e \(mountPoint)/syslog && break; sleep 0.3; done
      test -e \(mountPoint)/syslog; kill -STOP $(cat pid)
      """)
    defer {
      _ = try? Shell.run("kill -CONT $(cat pid); kill $(cat pid); sleep 0.2; umount -l \(mountPoint)", in: folder)
      try? FileManager.default.removeItem(at: folder)
    }
    return try Shell.run(script, in: folder)
  }

  private static let canFreeze =
    Shell.isRoot && Shell.has("bindfs") && FileManager.default.fileExists(atPath: "/dev/fuse")

  @Test(.enabled(if: canFreeze)) func aHungConfigurationIsNamed() throws {
    let result = try frozen("root/etc/kubernetes", "timeout -s KILL 30 $K diagnose --root root")
    #expect(result.status == 1)
    #expect(result.seconds < 10)
    #expect(result.output.contains("cri-plugin-disabled"))
    #expect(result.errors.contains("/etc/kubernetes: does not answer"))
  }

  @Test(.enabled(if: canFreeze)) func hungLogsAreNamed() throws {
    let result = try frozen("root/var/log", "timeout -s KILL 30 $K diagnose --root root -o json")
    #expect(result.status == 3)
    #expect(result.seconds < 10)
    #expect(result.errors.contains("/var/log: no answer within 5 s"))
  }

  @Test(.enabled(if: canFreeze)) func anInterruptedDiagnosisPrintsWhatIsKnown() throws {
    let result = try frozen(
      "root/etc/kubernetes", "timeout -s INT 1.5 $K diagnose --root root -o json > report; echo $?; cat report")
    #expect(result.output.hasPrefix("124\n") || result.output.hasPrefix("130\n"))
    #expect(result.output.contains("cri-plugin-disabled"))
    #expect(result.seconds < 5)
  }

  @Test(.enabled(if: canFreeze), arguments: [("TERM", 143), ("HUP", 129)])
  func whoeverAsksToStopIsNotKeptWaiting(_ signal: String, _ status: Int) throws {
    let result = try frozen(
      "root/etc/kubernetes",
      "$K diagnose --root root > report & p=$!; sleep 1.5; kill -\(signal) $p; wait $p; echo $?; ! kill -0 $p")
    #expect(result.output.hasPrefix("\(status)\n"))
    #expect(result.seconds < 5)
  }

  /// As timeout(1) sends it: to its command, and to the group.
  @Test(.enabled(if: canFreeze)) func anInterruptSentTwiceIsOne() throws {
    let result = try frozen(
      "root/etc/kubernetes",
      "set -m; $K diagnose --root root > report & p=$!; sleep 1.5; kill -INT $p; sleep 0.05; kill -INT $p; wait $p; cat report"
    )
    #expect(result.output.contains("cri-plugin-disabled"))
    #expect(result.seconds < 5)
  }

  @Test(.enabled(if: canFreeze)) func theSecondInterruptEndsAtOnce() throws {
    let result = try frozen(
      "root/etc/kubernetes",
      """
      set -m; $K diagnose --root root > report & p=$!; sleep 1.5; kill -INT $p; sleep 0.3; kill -INT $p; wait $p; echo $?
      """)
    #expect(result.output.hasPrefix("130\n"))
    #expect(result.seconds < 5)
  }
}
