import Foundation
import Testing

/// A Kubernetes node of its own, on which kdoctor and real components run; the machine below stays as it is.
///
/// It has mounts, processes, a network (`eth0` with 192.168.77.10 and a default route) and a host name (`node-1`) of
/// its own, cgroups of version 2, and the programs and libraries of the machine. What is written below `/etc`, `/opt`, `/run`, `/usr` and
/// `/var` is written to memory. It ends, with all of its processes, when the command has ended.
///
/// - SeeAlso: unshare(1), namespaces(7)
struct PrivateNode {
  /// The text of files, by path; those in a folder `bin` are executable. Files below `/etc`, `/opt`, `/run`, `/usr` and
  /// `/var` may be new; one elsewhere, such as `/proc/swaps`, stands in for one of the machine.
  var files: [String: String] = [:]
  /// Programs of the machine to lay over files of the node: where they stand on the machine, by path on the node.
  var programs: [String: URL] = [:]
  /// Folders that the node has as empty ones, whatever the machine has there; `files` come afterwards.
  var emptied: [String] = [
    "/etc/apt", "/etc/yum.repos.d", "/etc/systemd/system", "/etc/kubernetes", "/etc/containerd", "/etc/crio",
    "/etc/docker", "/etc/cni", "/opt/cni", "/var/log", "/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker",
    "/var/lib/etcd",
  ]
  /// What to do, in order, before the command is run: lines of bash with `-eu`, whose output nobody sees unless one
  /// fails. Processes started with `&` run until the end.
  var script: [String] = []

  /// A node that kubeadm joined to a cluster, healthy but for its runtime, which `script` has to start.
  static func kubeadm(criSocket: String = "/run/containerd/containerd.sock") -> PrivateNode {
    var node = PrivateNode()
    node.files = [
      "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids\n",
      "/proc/swaps": "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
      "/etc/os-release": "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
      "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n192.168.77.10 node-1\n",
      "/etc/hostname": "node-1\n",
      "/etc/resolv.conf": "nameserver 192.168.77.1\n",
      "/etc/systemd/system/kubelet.service":
        "[Service]\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml\nRestart=always\n",
      "/usr/bin/kubelet": "#!/bin/sh\n",
      "/var/lib/kubelet/kubeadm-flags.env": "KUBELET_KUBEADM_ARGS=\"\"\n",
      "/var/lib/kubelet/config.yaml": """
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      cgroupDriver: systemd
      containerRuntimeEndpoint: unix://\(criSocket)
      failCgroupV1: false
      failSwapOn: true

      """,
      "/etc/cni/net.d/10-bridge.conflist": """
      {"cniVersion": "1.0.0", "name": "bridge", "plugins": [{"type": "bridge", "bridge": "cni0",
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.1.0/24"}]]}}]}

      """,
    ]
    for plugin in ["bridge", "host-local", "loopback"] { node.files["/opt/cni/bin/" + plugin] = "#!/bin/sh\n" }
    for program in ["conntrack", "iptables"] { node.files["/usr/bin/" + program] = "#!/bin/sh\n" }
    node.install(["kubelet": "1.31.2-1.1", "kubeadm": "1.31.2-1.1"])
    node.script = [Self.standIn("/usr/bin/kubelet")]
    return node
  }

  /// Lets these packages alone be installed, by name with their versions.
  mutating func install(_ packages: [String: String]) {
    files["/var/lib/dpkg/status"] = packages.sorted { $0.key < $1.key }.map { name, version in
      "Package: \(name)\nStatus: install ok installed\nArchitecture: amd64\nVersion: \(version)\n"
    }.joined(separator: "\n")
  }

  /// A line of `script` that starts a process of this name, which only sleeps.
  static func standIn(_ program: String) -> String { "(exec -a \(quoted(program)) sleep infinity) &" }

  /// Starts the node, runs its script, then `arguments`, and ends it.
  ///
  /// - Throws: where the node could not be made ready; the error holds what was printed.
  func run(_ arguments: [String]) throws -> Binary.Result {
    let scratch = try Binary.scratchFolder()
    defer { try? FileManager.default.removeItem(at: scratch) }
    for name in ["files", "layers"] {
      try FileManager.default.createDirectory(
        at: scratch.appendingPathComponent(name), withIntermediateDirectories: false)
    }
    for name in ["out", "err", "script"] { try Data().write(to: scratch.appendingPathComponent(name)) }
    try writeFiles(below: scratch.appendingPathComponent("files"))
    let start = scratch.appendingPathComponent("start")
    try startScript(scratch.path, arguments).write(to: start, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = Self.unshare + ["bash", start.path]
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "COLUMNS": "80"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: scratch.appendingPathComponent("out"))
    process.standardError = try FileHandle(forWritingTo: scratch.appendingPathComponent("err"))
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) -> String {
      (try? String(contentsOf: scratch.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }
    let result = Binary.Result(status: process.terminationStatus, output: text("out"), errors: text("err"))
    guard FileManager.default.fileExists(atPath: scratch.appendingPathComponent("ready").path) else {
      throw Failure(description: "the node could not be made ready: " + result.errors + text("script"))
    }
    return result
  }

  struct Failure: Error, CustomStringConvertible { let description: String }

  // MARK: - Whether this machine can

  /// Why this machine cannot run such a node; nil when it can.
  static let obstacle: String? = {
    do {
      _ = try PrivateNode().run(["true"])
      return nil
    } catch {
      print("Skipped: tests on a node of their own, because \(error)")
      return "\(error)"
    }
  }()

  /// Whether this machine can run such a node; says so once where it cannot.
  static var isPossible: Bool { obstacle == nil }

  // MARK: - The start

  private static let unshare = [
    "timeout", "--signal=KILL", "60", "unshare", "--mount", "--pid", "--net", "--uts", "--fork", "--mount-proc",
    "--kill-child", "--",
  ]
  /// The folders of the machine over which a layer in memory lies.
  private static let layers = ["etc", "opt", "usr", "var"]

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  private static func isLaidOver(_ path: String) -> Bool {
    (layers + ["run"]).contains { path.hasPrefix("/" + $0 + "/") }
  }

  private func writeFiles(below folder: URL) throws {
    for (path, text) in files {
      let url = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      let isProgram = url.deletingLastPathComponent().lastPathComponent == "bin"
      try FileManager.default.setAttributes(
        [.posixPermissions: isProgram ? 0o755 : 0o644], ofItemAtPath: url.path)
    }
  }

  /// What the first process of the node does. Nothing is copied before the layers lie over the machine's folders.
  private func startScript(_ scratch: String, _ arguments: [String]) -> String {
    var lines = ["set -eu", "cd \(scratch)", "mount -t tmpfs -o mode=755 tmpfs layers"]
    for name in Self.layers {
      lines += [
        "mkdir -p layers/\(name)/upper layers/\(name)/work",
        "mount -t overlay overlay -o lowerdir=/\(name),upperdir=layers/\(name)/upper,workdir=layers/\(name)/work /\(name)",
      ]
    }
    lines.append("mount -t tmpfs -o mode=755 tmpfs /run; mount -t cgroup2 cgroup2 /sys/fs/cgroup")
    for path in emptied { lines.append("mkdir -p \(path); mount -t tmpfs -o mode=755 tmpfs \(path)") }
    for path in files.keys.sorted() {
      lines.append(
        Self.isLaidOver(path)
          ? "mkdir -p \(Self.quoted((path as NSString).deletingLastPathComponent)); "
            + "cp --remove-destination -p files\(Self.quoted(path)) \(Self.quoted(path))"
          : "mount --bind files\(Self.quoted(path)) \(Self.quoted(path))")
    }
    for (path, program) in programs.sorted(by: { $0.key < $1.key }) {
      lines.append("touch \(Self.quoted(path)); mount --bind \(Self.quoted(program.path)) \(Self.quoted(path))")
    }
    // Only now: what was mounted before must not reach the machine.
    lines += [
      "mount --make-rshared /", "hostname node-1", "ip link set lo up",
      "ip link add eth0 type veth peer name eth0-peer", "ip link set eth0-peer up", "ip link set eth0 up",
      "ip address add 192.168.77.10/24 dev eth0", "ip route add default via 192.168.77.1",
      "echo 1 > /proc/sys/net/ipv4/ip_forward",
    ]
    lines += ["exec 3>&1 4>&2 > script 2>&1"] + script + ["touch ready", "exec 1>&3 2>&4 3>&- 4>&-", "set +e"]
    lines += [arguments.map(Self.quoted).joined(separator: " "), "exit $?", ""]
    return lines.joined(separator: "\n")
  }
}
