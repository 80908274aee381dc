import Foundation
import Testing

/// A bundle of another tool, as its description says that it looks, broken in a known way.
struct ForeignFixture: CustomTestStringConvertible, Sendable {
  let layout: String
  /// The failures that it shows.
  let ids: [String]
  /// The folder around the files.
  let top: String
  let files: [String: String]

  var testDescription: String { layout }

  /// Writes the files below `folder`.
  func write(to folder: URL) throws {
    for (path, text) in files {
      let url = folder.appendingPathComponent(top).appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }

  static let swapLine =
    "Nov 23 10:02:11 node-1 kubelet[812]: E1123 10:02:11.123456     812 run.go:74] \"command failed\" "
    + "err=\"failed to run Kubelet: running with swap on is not supported, please disable swap or set "
    + "--fail-swap-on flag to false\"\n"
  static let cniLine =
    "Nov 23 10:02:11 node-1 kubelet[812]: E1123 10:02:11.123456     812 kubelet.go:2900] \"Container runtime "
    + "network not ready\" networkReady=\"NetworkReady=false reason:NetworkPluginNotReady message:Network plugin "
    + "returns error: cni plugin not initialized\"\n"
  static let criOff = "version = 2\ndisabled_plugins = [\"cri\"]\n"
  static let swaps = "Filename\tType\tSize\tUsed\tPriority\n/dev/vda3\tpartition\t1048572\t0\t-2\n"
  static let kubelet = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
  /// Speaks of a failure, but is a configuration and no log.
  static let decoy = "{\"note\": \"running with swap on is not supported\"}\n"

  static let all = [
    sos, troubleshoot, eks, kind, microk8s, rancher, mustGather, dump, copyOfRoot, copyOfEtc, copyOfLogs,
  ]

  static let sos = ForeignFixture(
    layout: "sos report", ids: ["cni-not-initialized", "cri-plugin-disabled", "swap-enabled"],
    top: "sosreport-node-1-2026-11-23-abcdefg",
    files: [
      "version.txt": "sosreport: 4.8\n",
      "sos_reports/manifest.json": "{\"version\": \"4.8\", \"components\": {}}\n",
      "etc/containerd/config.toml": criOff, "proc/swaps": swaps, "var/lib/kubelet/config.yaml": kubelet,
      "etc/kubernetes/kubelet.conf": "kind: Config\napiVersion: v1\n", "etc/decoy.json": decoy,
      "sos_commands/kubernetes/journalctl_--no-pager_--unit_kubelet": cniLine,
      "sos_commands/kernel/sysctl_-a": "net.ipv4.ip_forward = 1\nvm.overcommit_memory = 1\n",
      "sos_commands/host/hostname": "node-1\n",
    ])
  static let troubleshoot = ForeignFixture(
    layout: "troubleshoot support bundle", ids: ["cni-binary-missing", "sandbox-create-failed", "swap-enabled"],
    top: "support-bundle-2026-11-23T10_00_00",
    files: [
      "version.yaml": "apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n",
      "analysis.json": decoy,
      "host-collectors/run-host/journalctl-kubelet.txt": swapLine,
      "host-collectors/run-host/journalctl-kubelet-info.json": "{\"command\": \"journalctl\", \"exitCode\": \"0\"}",
      "host-collectors/system/hostos_info.json": "{\"name\": \"node-1\", \"kernelVersion\": \"6.1.0-28-amd64\"}",
      "cluster-resources/events/default.json": """
      {"kind": "EventList", "apiVersion": "v1", "items": [{"type": "Warning", "reason": "FailedCreatePodSandBox",
        "message": "failed to setup network for sandbox: plugin type=\\"flannel\\" failed (add): failed to find plugin \\"flannel\\" in path [/opt/cni/bin]",
        "lastTimestamp": "2026-11-23T10:00:00Z", "source": {"component": "kubelet", "host": "node-1"}}]}
      """,
    ])
  static let eks = ForeignFixture(
    layout: "EKS log collector", ids: ["cri-plugin-disabled", "swap-enabled"], top: "",
    files: [
      "containerd/containerd-config.txt": criOff, "kubelet/kubelet.log": swapLine,
      "kubelet/config.json":
        "{\"kind\": \"KubeletConfiguration\", \"apiVersion\": \"kubelet.config.k8s.io/v1beta1\"}\n",
      "kubelet/kubelet_service.txt":
        "# /etc/systemd/system/kubelet.service\n[Service]\nExecStart=/usr/bin/kubelet --config "
        + "/etc/kubernetes/kubelet/config.json "
        + "--container-runtime-endpoint=unix:///run/containerd/containerd.sock\n",
      "sysctls/sysctl_all.txt": "net.ipv4.ip_forward = 1\n", "system/instance-id.txt": "i-0123456789abcdef0\n",
    ])
  static let kind = ForeignFixture(
    layout: "kind export logs", ids: ["cni-not-initialized", "swap-enabled"], top: "kind-logs",
    files: [
      "kind-version.txt": "kind v0.24.0 go1.22.6 linux/amd64\n", "docker-info.txt": "Server Version: 27\n",
      "kind-control-plane/kubernetes-version.txt": "v1.31.0\n", "kind-control-plane/inspect.json": decoy,
      "kind-control-plane/journal.log": swapLine.replacingOccurrences(of: "node-1", with: "kind-control-plane"),
      "kind-control-plane/kubelet.log": swapLine.replacingOccurrences(of: "node-1", with: "kind-control-plane"),
      "kind-worker/kubernetes-version.txt": "v1.31.0\n",
      "kind-worker/kubelet.log": cniLine.replacingOccurrences(of: "node-1", with: "kind-worker"),
    ])
  static let microk8s = ForeignFixture(
    layout: "microk8s inspect", ids: ["cni-not-initialized"], top: "inspection-report",
    files: [
      "snap.microk8s.daemon-kubelite/journal.log": cniLine.replacingOccurrences(
        of: "kubelet[", with: "microk8s.daemon-kubelite["),
      "snap.microk8s.daemon-kubelite/systemctl.log": "Active: active (running)\n",
      "args/kubelet": "--resolv-conf=/run/systemd/resolve/resolv.conf\n", "sys/decoy.json": decoy,
    ])
  static let rancher = ForeignFixture(
    layout: "Rancher log collector", ids: ["cni-not-initialized"], top: "node-1-2026-11-23_10_00_00",
    files: [
      "collector-output.log": "collecting\n", "systeminfo/hostname": "node-1\n", "systeminfo/decoy": decoy,
      "networking/iproute": "default via 192.0.2.1 dev eth0\n", "journald/rke2-agent": cniLine,
      "rke2/agent-logs/kubelet.log": "",
    ])
  static let mustGather = ForeignFixture(
    layout: "must-gather", ids: ["cni-not-initialized"], top: "must-gather.local.1/quay-io-image",
    files: [
      "cluster-scoped-resources/core/nodes/node-1.yaml": "kind: Node\n",
      "host_service_logs/masters/kubelet_service.log": cniLine, "version": "4.17\n",
    ])
  static let dump = ForeignFixture(
    layout: "kubectl cluster-info dump", ids: ["cni-not-initialized"], top: "dump",
    files: [
      "nodes.json": """
      {"kind": "NodeList", "apiVersion": "v1", "items": [{"metadata": {"name": "node-1"}, "status": {"conditions": [
        {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "lastTransitionTime": "2026-11-23T10:00:00Z",
         "message": "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"}]}}]}
      """,
      "kube-system/pods.json": "{\"kind\": \"PodList\", \"items\": []}",
      "kube-system/events.json": "{\"kind\": \"EventList\", \"items\": []}",
      "kube-system/coredns-0/logs.txt":
        "==== START logs for container coredns of pod kube-system/coredns-0 ====\n==== END logs ====\n",
    ])
  static let copyOfRoot = ForeignFixture(
    layout: "a copy of parts of a root", ids: ["cni-not-initialized", "swap-enabled"], top: "node-1",
    files: [
      "etc/hostname": "node-1\n", "etc/hosts": "127.0.0.1 localhost\n", "etc/kubernetes/kubelet.conf": "kind: Config\n",
      "proc/swaps": swaps, "var/lib/kubelet/config.yaml": kubelet, "var/log/syslog": cniLine, "etc/decoy.json": decoy,
    ])
  static let copyOfEtc = ForeignFixture(
    layout: "a copy of /etc", ids: ["cri-plugin-disabled"], top: "etc",
    files: [
      "passwd": "root:x:0:0::/:/bin/sh\n", "group": "root:x:0:\n", "hosts": "127.0.0.1 localhost node-1\n",
      "hostname": "node-1\n", "os-release": "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n",
      "nsswitch.conf": "hosts: files dns\n", "fstab": "# none\n", "containerd/config.toml": criOff,
      "kubernetes/kubelet.conf": "kind: Config\n",
      "systemd/system/kubelet.service":
        "[Service]\nExecStart=/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock\n",
    ])
  static let copyOfLogs = ForeignFixture(
    layout: "a copy of /var/log", ids: ["cni-not-initialized"], top: "log",
    files: ["syslog": cniLine, "dpkg.log": "2026-11-23 10:00:00 startup archives unpack\n", "auth.log": "x\n"])

  static let minikube =
    "\n* ==> Audit <==\n* |---------|------|\n* | Command | Args |\n* ==> kernel <==\n*  10:00:00 up 1 min\n"
    + "Linux minikube 5.10.57 #1 SMP x86_64 GNU/Linux\nPRETTY_NAME=\"Buildroot 2021.02.12\"\n\n* ==> kubelet <==\n"
    + "* -- Logs begin at Mon 2026-11-23 --\n* " + cniLine
}
