import Testing

/// One fix to run: the files of the node before, and what they must hold after.
struct FixRun: Sendable, CustomTestStringConvertible {
  var rule: String
  var fix: Int
  var captures: [String: String] = [:]
  var files: [String: String]
  var after: [String: String]
  var verify = Verify.tells
  /// Whether a second run leaves everything as it is.
  var repeats = true

  /// What `verify` reads: the files that the commands change (it then fails before), the state of stand-ins only
  /// (it passes after), or something that only a real node shows.
  enum Verify { case tells, passes, elsewhere }

  var testDescription: String { "\(rule) \(fix)" }
}

extension FixRun {
  private static let kubelet = "var/lib/kubelet/config.yaml"
  private static let flags = "var/lib/kubelet/kubeadm-flags.env"
  private static let containerd = "etc/containerd/config.toml"
  private static let docker = "etc/docker/daemon.json"

  static let all: [FixRun] = kubeletRuns + runtimeRuns + hostRuns

  private static let kubeletRuns: [FixRun] = [
    FixRun(
      rule: "dns-loop", fix: 0,
      files: [
        kubelet: "a: 1\nresolvConf: /etc/resolv.conf\nb: 2",
        "run/systemd/resolve/resolv.conf": "nameserver 192.0.2.1\n",
      ],
      after: [kubelet: "a: 1\nb: 2\nresolvConf: /run/systemd/resolve/resolv.conf\n"], verify: .passes),
    FixRun(
      rule: "dns-loop", fix: 0, files: [kubelet: "a: 1\n"], after: [kubelet: "a: 1\n"], verify: .elsewhere),
    FixRun(
      rule: "resolv-conf-missing", fix: 1,
      files: [
        kubelet: "resolvConf: /run/systemd/resolve/resolv.conf\na: 1\n", "etc/resolv.conf": "nameserver 192.0.2.1\n",
      ],
      after: [kubelet: "resolvConf: /etc/resolv.conf\na: 1\n"]),
    FixRun(
      rule: "kubelet-flag-unknown", fix: 0, captures: ["flag": "container-runtime"],
      files: [
        flags: #"KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///run/x.sock""#
          + "\n"
      ],
      after: [flags: #"KUBELET_KUBEADM_ARGS=" --container-runtime-endpoint=unix:///run/x.sock""# + "\n"],
      verify: .passes),
    FixRun(
      rule: "kubelet-flag-unknown", fix: 0, captures: ["flag": "pod-infra-container-image"],
      files: [flags: #"KUBELET_KUBEADM_ARGS="--v=2 --pod-infra-container-image=registry.k8s.io/pause:3.10""# + "\n"],
      after: [flags: #"KUBELET_KUBEADM_ARGS="--v=2 ""# + "\n"], verify: .passes),
    FixRun(
      rule: "dockershim-removed", fix: 0,
      files: [
        flags: #"KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.5""# + "\n"
      ],
      after: [
        flags:
          #"KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=k8s.gcr.io/pause:3.5""#
          + "\n"
      ], verify: .passes),
    FixRun(
      rule: "runtime-endpoint-wrong", fix: 1,
      files: [
        kubelet: "containerRuntimeEndpoint: \"/run/containerd.sock\"\n",
        flags: #"KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///var/run/dockershim.sock --v=2""# + "\n",
      ],
      after: [
        kubelet: "containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n",
        flags: #"KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --v=2""#
          + "\n",
      ], verify: .passes),
    FixRun(
      rule: "node-ip-not-on-host", fix: 1, captures: ["hostAddress": "192.0.2.10"],
      files: [flags: #"KUBELET_KUBEADM_ARGS="--node-ip=203.0.113.7 --v=2""# + "\n"],
      after: [flags: #"KUBELET_KUBEADM_ARGS="--node-ip=192.0.2.10 --v=2""# + "\n"], verify: .passes),
    FixRun(
      rule: "kubelet-client-ca-missing", fix: 0,
      files: [
        kubelet: "authentication:\n  x509:\n    clientCAFile: /etc/kubernetes/ca.crt\n",
        "etc/kubernetes/pki/ca.crt": "x",
      ],
      after: [kubelet: "authentication:\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt\n"], verify: .passes),
    FixRun(
      rule: "kubelet-rootfs-unknown", fix: 0, files: [kubelet: "a: 1\nlocalStorageCapacityIsolation: true\nb: 2\n"],
      after: [kubelet: "a: 1\nb: 2\nlocalStorageCapacityIsolation: false\n"], verify: .passes),
    FixRun(
      rule: "kubelet-kmsg-missing", fix: 1, files: [kubelet: "featureGates:\n  X: true\n"],
      after: [kubelet: "featureGates:\n  KubeletInUserNamespace: true\n  X: true\n"], verify: .passes, repeats: false),
    FixRun(
      rule: "cgroup-v1-unsupported", fix: 2, files: [kubelet: "failCgroupV1: true\na: 1\n"],
      after: [kubelet: "a: 1\nfailCgroupV1: false\n"], verify: .passes),
    FixRun(
      rule: "cgroup-driver-mismatch", fix: 3, files: [kubelet: "cgroupDriver: cgroupfs\na: 1\n"],
      after: [kubelet: "a: 1\ncgroupDriver: systemd\n"], verify: .passes),
    // A flag would win over the file.
    FixRun(
      rule: "cgroup-driver-mismatch", fix: 3,
      files: [
        kubelet: "a: 1\n", flags: "KUBELET_KUBEADM_ARGS=\"--a=b --cgroup-driver=cgroupfs --c=d\"\n",
        "etc/default/kubelet": "KUBELET_EXTRA_ARGS=\"--cgroup-driver cgroupfs\"\n",
      ],
      after: [
        kubelet: "a: 1\ncgroupDriver: systemd\n", flags: "KUBELET_KUBEADM_ARGS=\"--a=b --c=d\"\n",
        "etc/default/kubelet": "KUBELET_EXTRA_ARGS=\"\"\n",
      ], verify: .passes),
  ]

  private static let runtimeRuns: [FixRun] = [
    FixRun(
      rule: "cri-plugin-disabled", fix: 0, files: [containerd: "disabled_plugins = [\"cri\"]\nroot = \"/x\"\n"],
      after: [containerd: "disabled_plugins = []\nroot = \"/x\"\n"], verify: .passes),
    FixRun(
      rule: "cri-plugin-disabled", fix: 0,
      files: [
        containerd:
          "version = 3\ndisabled_plugins = [\n  'io.containerd.grpc.v1.cri',\n  \"aufs\",\n]\n[plugins.'cri']\n"
      ],
      after: [containerd: "version = 3\ndisabled_plugins = [\n  \"aufs\",\n]\n[plugins.'cri']\n"], verify: .passes),
    FixRun(
      rule: "cgroup-driver-mismatch", fix: 0, files: [containerd: "[x.options]\n  SystemdCgroup = false\n"],
      after: [containerd: "[x.options]\n  SystemdCgroup = true\n"]),
    FixRun(
      rule: "cgroup-driver-mismatch", fix: 1, files: [:],
      after: [docker: "{\n  \"exec-opts\": [\n    \"native.cgroupdriver=systemd\"\n  ]\n}"], verify: .passes),
    FixRun(
      rule: "cgroup-driver-mismatch", fix: 1,
      files: [docker: "{\"exec-opts\": [\"native.cgroupdriver=cgroupfs\", \"a=b\"], \"debug\": true}\n"],
      after: [
        docker: "{\n  \"exec-opts\": [\n    \"a=b\",\n    \"native.cgroupdriver=systemd\"\n  ],\n  \"debug\": true\n}"
      ], verify: .passes),
    FixRun(
      rule: "cgroup-driver-mismatch", fix: 2, files: [:],
      after: ["etc/crio/crio.conf.d/99-cgroup-manager.conf": "[crio.runtime]\ncgroup_manager = \"systemd\"\n"],
      verify: .passes),
    FixRun(
      rule: "data-dir-unusable", fix: 1,
      files: [containerd: "version = 2\nroot = \"/var/lib/containerd\"\n[x]\nroot = 1\n"],
      after: [containerd: "root = \"/data/containerd\"\nversion = 2\n[x]\n"]),
    FixRun(
      rule: "sandbox-image-unavailable", fix: 0,
      files: [containerd: "[x]\n  sandbox_image = \"registry.k8s.io/pause:3.8\"\n"],
      after: [containerd: "[x]\n  sandbox_image = 'registry.aliyuncs.com/google_containers/pause:3.10'\n"],
      verify: .passes),
    FixRun(
      rule: "sandbox-image-unavailable", fix: 0,
      files: [containerd: "[x.pinned_images]\n  sandbox = 'registry.k8s.io/pause:3.10'\n  sandboxer = 'a'\n"],
      after: [
        containerd:
          "[x.pinned_images]\n  sandbox = 'registry.aliyuncs.com/google_containers/pause:3.10'\n  sandboxer = 'a'\n"
      ], verify: .passes),
    FixRun(
      rule: "registry-plain-http", fix: 0, captures: ["registry": "registry.example.org:5000", "image": "x"],
      files: [:],
      after: [
        "etc/rancher/k3s/registries.yaml":
          "mirrors:\n  \"registry.example.org:5000\":\n    endpoint:\n      - \"http://registry.example.org:5000\"\n"
      ], verify: .passes),
    FixRun(
      rule: "registry-plain-http", fix: 1, captures: ["registry": "registry.example.org:5000", "image": "x"],
      files: ["etc/containerd/certs.d/registry.example.org:5000/hosts.toml": "server = \"x\"\n"],
      after: [
        "etc/containerd/certs.d/registry.example.org:5000/hosts.toml":
          "server = \"http://registry.example.org:5000\"\n[host.\"http://registry.example.org:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n"
      ], verify: .passes),
    FixRun(
      rule: "registry-plain-http", fix: 2, captures: ["registry": "registry.example.org:5000", "image": "x"],
      files: [docker: "{\"debug\": true}"],
      after: [docker: "{\n  \"debug\": true,\n  \"insecure-registries\": [\n    \"registry.example.org:5000\"\n  ]\n}"],
      verify: .passes),
    FixRun(
      rule: "cni-config-invalid", fix: 1, captures: ["file": "/etc/cni/net.d/10-x.conflist"],
      files: ["etc/cni/net.d/10-x.conflist": "{\"cniVersion\": \"1.1.0\", \"name\": \"x\"}\n"],
      after: ["etc/cni/net.d/10-x.conflist": "{\"cniVersion\": \"0.4.0\", \"name\": \"x\"}\n"], verify: .passes),
    FixRun(
      rule: "flannel-pod-cidr-missing", fix: 0,
      files: ["etc/kubernetes/manifests/kube-controller-manager.yaml": "    - kube-controller-manager\n    - --v=2\n"],
      after: [
        "etc/kubernetes/manifests/kube-controller-manager.yaml":
          "    - kube-controller-manager\n    - --allocate-node-cidrs=true\n    - --cluster-cidr=10.244.0.0/16\n    - --v=2\n"
      ], verify: .elsewhere, repeats: false),
  ]

  private static let hostRuns: [FixRun] = [
    FixRun(
      rule: "swap-enabled", fix: 0,
      files: ["etc/fstab": "/dev/sda1 / ext4 defaults 0 1\n/swap.img\tnone\tswap\tsw\t0\t0\n# /old none swap sw 0 0\n"],
      after: [
        "etc/fstab": "/dev/sda1 / ext4 defaults 0 1\n#/swap.img\tnone\tswap\tsw\t0\t0\n# /old none swap sw 0 0\n"
      ],
      verify: .passes),
    FixRun(
      rule: "localhost-unresolvable", fix: 0, files: ["etc/hosts": "192.0.2.10 node-1\n"],
      after: ["etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n192.0.2.10 node-1\n"],
      verify: .passes, repeats: false),
    FixRun(
      rule: "cgroup-v1-unsupported", fix: 1, files: ["etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet\"\n"],
      after: ["etc/default/grub": "GRUB_CMDLINE_LINUX=\"systemd.unified_cgroup_hierarchy=1 quiet\"\n"],
      verify: .elsewhere,
      repeats: false),
    FixRun(
      rule: "repo-distribution-eol", fix: 0,
      files: [
        "etc/yum.repos.d/CentOS-Base.repo":
          "mirrorlist=http://mirrorlist.centos.org/?x\n#baseurl=http://mirror.centos.org/centos/\n"
      ],
      after: [
        "etc/yum.repos.d/CentOS-Base.repo":
          "#mirrorlist=http://mirrorlist.centos.org/?x\nbaseurl=http://vault.centos.org/centos/\n"
      ], verify: .passes, repeats: false),
    FixRun(
      rule: "repo-distribution-eol", fix: 1,
      files: [
        "etc/apt/sources.list":
          "deb http://deb.debian.org/debian buster main\ndeb http://security.debian.org/debian-security buster/updates main\n"
      ],
      after: [
        "etc/apt/sources.list":
          "deb http://archive.debian.org/debian buster main\ndeb http://archive.debian.org/debian-security buster/updates main\n"
      ], verify: .passes),
    FixRun(
      rule: "repo-kubernetes-legacy", fix: 0,
      files: ["etc/apt/sources.list.d/kubernetes.list": "deb https://apt.kubernetes.io/ kubernetes-xenial main\n"],
      after: [
        "etc/apt/sources.list.d/kubernetes.list":
          "deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /\n"
      ]),
    FixRun(
      rule: "br-netfilter-missing", fix: 0, files: ["etc/sysctl.d/k8s.conf": "own\n"],
      after: ["etc/modules-load.d/90-kubernetes.conf": "overlay\nbr_netfilter\n"], verify: .passes),
    FixRun(
      rule: "nm-manages-cni", fix: 0, files: [:],
      after: [
        "etc/NetworkManager/conf.d/kubernetes-cni.conf":
          "[keyfile]\nunmanaged-devices=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:vxlan-v6.calico;interface-name:wireguard.cali;interface-name:wg-v6.cali;interface-name:flannel*;interface-name:cni*;interface-name:cilium*\n"
      ], verify: .passes),
    FixRun(
      rule: "file-descriptors-exhausted", fix: 1, files: [:],
      after: ["etc/systemd/system/containerd.service.d/90-nofile.conf": "[Service]\nLimitNOFILE=1048576\n"],
      verify: .elsewhere),
    FixRun(
      rule: "calico-nodename-missing", fix: 1,
      files: ["etc/cni/net.d/10-calico.conflist": "{}", "etc/cni/net.d/calico-kubeconfig": "x"],
      after: ["root/cni.kdoctor/10-calico.conflist": "{}"], repeats: false),
    FixRun(
      rule: "kubelet-checkpoint-stale", fix: 0, captures: ["node.hostname": "node-1"],
      files: ["var/lib/kubelet/cpu_manager_state": "{\"a\":1}", "var/lib/kubelet/memory_manager_state": "{}"],
      after: ["var/lib/kubelet/cpu_manager_state.kdoctor": "{\"a\":1}"], verify: .passes),
  ]
}
