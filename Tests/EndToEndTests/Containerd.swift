import Foundation
import Testing

/// A build of containerd that tests start on a `PrivateNode`.
struct Containerd: Sendable, CustomTestStringConvertible {
  /// The version of its Debian package.
  let version: String
  /// Where its program is on the machine.
  let program: URL

  var testDescription: String { "containerd " + version }

  /// The one that this machine has; nil where it has none.
  static let ofTheMachine: Containerd? = {
    let program = URL(fileURLWithPath: "/usr/bin/containerd")
    guard FileManager.default.isExecutableFile(atPath: program.path),
      let output = shell("dpkg-query -W -f '${Version}' containerd")
    else {
      print("Skipped: tests with containerd, because its package is not installed")
      return nil
    }
    return Containerd(version: output, program: program)
  }()

  /// Builds of other releases of Debian, which are fetched once and never installed; empty where they cannot be had.
  static let ofOtherReleases: [Containerd] = [
    fetch("1.7.24~ds1-6+deb13u1", "ed708deb96fe476a3bce4efa5c0538dfbcf717ab9a7c7944ba7260342c25899c"),
    fetch("2.1.9+ds1-5", "2dda86ce7033fd612fc50e136679d8174ccad680eb29cd4611e0d2a1b84cf591"),
  ].compactMap { $0 }

  private static func fetch(_ version: String, _ checksum: String) -> Containerd? {
    let folder = Binary.package.appendingPathComponent(".build/debian-packages")
    let program = folder.appendingPathComponent("containerd_" + version)
    if FileManager.default.isExecutableFile(atPath: program.path) {
      return Containerd(version: version, program: program)
    }
    // From the mirror that this machine installs from.
    let command = """
      [ "$(dpkg --print-architecture)" = amd64 ]
      mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -n 1)
      [ -n "$mirror" ]
      mkdir -p '\(folder.path)'; cd '\(folder.path)'
      timeout 15 /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=0 -o Acquire::http::Timeout=5 \
        download-file "${mirror%/}/pool/main/c/containerd/containerd_\(version)_amd64.deb" '\(version).deb' SHA256:\(checksum)
      dpkg-deb --fsys-tarfile '\(version).deb' | tar -xO ./usr/bin/containerd > '\(version).part'
      rm '\(version).deb'; chmod +x '\(version).part'; mv '\(version).part' '\(program.path)'
      """
    guard shell(command) != nil else {
      print("Skipped: tests with containerd \(version), because its package could not be fetched")
      return nil
    }
    return Containerd(version: version, program: program)
  }

  /// What a command prints; nil where it fails.
  private static func shell(_ command: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-euc", command]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }

  /// A line of a node's script that starts it and waits until it is up.
  static let start = """
    containerd > /run/containerd.out 2>&1 & containerd=$!
    for _ in $(seq 200); do grep -q 'successfully booted' /run/containerd.out && break; sleep 0.1; done
    grep 'successfully booted' /run/containerd.out || { cat /run/containerd.out; false; }
    """

  /// A node that is healthy in all, with this build as its runtime; nothing is started yet.
  func node(config: String, kubelet: String = "1.31.2-1.1") -> PrivateNode {
    var node = PrivateNode.kubeadm()
    node.install(["kubelet": kubelet, "kubeadm": kubelet, "containerd": version, "runc": "1.1.5+ds1-1+deb12u1"])
    node.programs["/usr/bin/containerd"] = program
    node.files["/etc/containerd/config.toml"] = config
    return node
  }

  /// A configuration as the Kubernetes documentation has it.
  var goodConfig: String {
    version.hasPrefix("2.")
      ? """
      version = 3
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = 'io.containerd.runc.v2'
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = true
      [plugins.'io.containerd.cri.v1.runtime'.cni]
      bin_dirs = ['/opt/cni/bin']

      """
      : """
      version = 2
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
      [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/opt/cni/bin"

      """
  }
}
