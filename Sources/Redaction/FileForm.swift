/// What the path of a file tells about the secrets in it.
struct FileForm: Equatable {
  /// A value goes to the end of its line: environment files, properties.
  var isAssignments = false
  /// A name at the start of a line is a key, never the begin of a sentence.
  var isConfiguration = false
  /// Nothing in it may pass.
  var isSecret = false
  /// Separated by NUL.
  var isArguments = false
  var isEnvironment = false
  /// Lines whose fields hold a secret: the field's number and the separator.
  var secretField: (index: Int, separator: UInt8)?
  /// containerd's hosts.toml: every header may authorise.
  var hasHeaders = false

  static func == (a: FileForm, b: FileForm) -> Bool {
    a.isAssignments == b.isAssignments && a.isConfiguration == b.isConfiguration && a.isSecret == b.isSecret
  }

  init() {}

  init(path: String) {
    let lowered = path.lowercased()
    let name = lowered.split(separator: "/").last.map(String.init) ?? lowered
    func ends(_ parts: String...) -> Bool { parts.contains(where: name.hasSuffix) }
    func holds(_ parts: String...) -> Bool { parts.contains(where: lowered.contains) }
    if lowered.hasPrefix("/proc/") || holds("/proc/") {
      isArguments = name == "cmdline"
      isEnvironment = name == "environ"
    }
    if ends(".log") || holds("/var/log/", "journal") { return }
    isAssignments =
      ends(".env", ".ini", ".properties", ".cnf", ".cfg") || name.hasPrefix(".env") || name.hasPrefix("env.")
      || name == "environment" || holds("/default/", "/sysconfig/", "/environment.d/", "/etc/environment")
      || (ends(".conf") && !holds("systemd", "kubernetes"))
    isConfiguration =
      isAssignments || ends(".yaml", ".yml", ".json", ".toml", ".conf", ".xml", ".service", ".kubeconfig", ".config")
      || holds("/.kube/", "/manifests/", "kubeconfig", "/.docker/", "/etc/")
    isSecret =
      [
        "node-token", "agent-token", "cluster-token", ".vault-token", ".erlang.cookie", "k3s.token", "ceph.key",
        "cluster-token.txt", "chap-secrets", "pap-secrets",
      ].contains(name) || ends(".jks", ".p12", ".pfx", ".keystore", ".kdb", ".kdbx", ".ppk", ".keytab")
      || (name == "token" && holds("serviceaccount", "/server/", "/secrets/", "token/"))
      || holds("/kubernetes.io~secret/", "/kubernetes.io~projected/") && !ends(".crt") && name != "namespace"
      || lowered.hasSuffix("/var/lib/kubelet/token")
    secretField = Self.field(name, lowered)
    hasHeaders = name == "hosts.toml"
  }

  private static func field(_ name: String, _ path: String) -> (index: Int, separator: UInt8)? {
    if ["shadow", "gshadow", "shadow-", "gshadow-", "shadow+"].contains(name) { return (1, UInt8(ascii: ":")) }
    if name.contains("htpasswd") || name == "passwd.basic" { return (1, UInt8(ascii: ":")) }
    if name == ".pgpass" || name == "pgpass" || name == "pgpass.conf" { return (4, UInt8(ascii: ":")) }
    let isCSV = name.hasSuffix(".csv")
    if isCSV
      && (path.contains("kubernetes") || path.contains("token") || path.contains("auth") || path.contains("user"))
    {
      return (0, UInt8(ascii: ","))
    }
    let words = [
      "known_tokens", "static-token", "static_token", "basic_auth", "basic-auth", "token-file", "tokens.txt",
    ]
    return words.contains(where: name.contains) ? (0, UInt8(ascii: ",")) : nil
  }
}
