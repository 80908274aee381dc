import Testing

/// A made-up secret in a context.
struct Planted: CustomTestStringConvertible {
  let name: String
  let path: String
  /// The text, where `§` stands for the secret.
  let template: String
  let shape: Shape
  var testDescription: String { name }

  enum Shape {
    case mixed, symbols
    case hex(Int)
    case base64(Int)
    case upper(Int)
    case lower(Int)
    case word, phrase
    case digits(Int)
  }

  init(_ name: String, _ template: String, _ shape: Shape = .mixed, path: String = "/var/log/app.log") {
    self.name = name
    self.path = path
    self.template = template
    self.shape = shape
  }

  /// Secrets of the same shape, the same in every run.
  func secrets(_ count: Int) -> [String] {
    var random = Random(state: UInt64(truncatingIfNeeded: name.utf8.reduce(5381) { $0 &* 33 &+ Int($1) }))
    return (0..<count).map { _ in Self.make(shape, &random) }
  }

  static func make(_ shape: Shape, _ random: inout Random) -> String {
    let lower = "abcdefghijklmnopqrstuvwxyz"
    let upper = lower.uppercased()
    let digits = "0123456789"
    func pick(_ count: Int, _ letters: String, _ random: inout Random) -> String {
      let letters = Array(letters)
      return String((0..<count).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
    }
    switch shape {
    case .mixed: return pick(18, lower + upper + digits, &random) + "7Qz"
    case .symbols: return pick(6, lower, &random) + "!" + pick(8, lower + digits + "!@%^*+~?=.-", &random) + "Z9"
    case .hex(let count): return pick(count, "0123456789abcdef", &random)
    case .base64(let count): return pick(count, lower + upper + digits + "+/", &random)
    case .upper(let count): return pick(count, upper + digits, &random)
    case .lower(let count): return pick(count - 1, lower + digits, &random) + "7"
    case .word: return pick(11, lower, &random)
    case .phrase: return pick(5, lower, &random) + " " + pick(7, lower, &random) + " " + pick(5, lower, &random)
    case .digits(let count): return "7" + pick(count - 1, digits, &random)
    }
  }
}

/// SplitMix64: the same numbers in every run.
struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension Planted {
  private static let yaml = "/etc/kubernetes/x.yaml"
  private static let kubeconfig = "/etc/kubernetes/kubelet.conf"

  static let all: [Planted] = logs + files + tokens + commands + quoted + manifests + notations + places

  static let logs: [Planted] = [
    .init("key=value", "I1125 10:00:00.1 1 x.go:1] login user=joe password=§ from 10.0.0.1"),
    .init("key=value, symbols", "login user=joe password=§ from 10.0.0.1", .symbols),
    .init("key=value, word", "login user=joe password=§ from 10.0.0.1", .word),
    .init("key: value", "connecting with password: §", .word),
    .init("quoted", #"E1125 x.go:1] "failed" passwd="§" err="x""#, .phrase),
    .init("json", #"{"level":"info","password":"§","msg":"x"}"#, .symbols),
    .init("json number", #"{"password": §, "user": "x"}"#, .digits(9)),
    .init("json in a log", #"err="{\"user\":\"x\",\"password\":\"§\"}" n=1"#, .symbols),
    .init("json twice escaped", #"{"log":"msg=\"{\\\"client_secret\\\":\\\"§\\\"}\""}"#),
    .init("escaped quote", #"{"password":"ab\"§\"cd","n":1}"#, .symbols),
    .init("url", "proxyconnect tcp: dial http://joe:§@proxy.corp:3128: refused"),
    .init("url percent", "GET https://joe:%40§%2f@example.com/x", .mixed),
    .init("postgres", "dsn=postgres://joe:§@db.local:5432/app?sslmode=disable", .symbols),
    .init("mongodb", "uri: mongodb+srv://joe:§@cluster0.example.net/app"),
    .init("redis url", "redis://:§@10.0.0.3:6379/0"),
    .init("amqp", "amqp://guest:§@rabbit:5672/"),
    .init("mysql dsn", "opening joe:§@tcp(10.0.0.4:3306)/app", .mixed),
    .init("query", "GET /api?user=x&access_token=§&y=1 HTTP/1.1"),
    .init("api key query", "GET /api?api_key=§ 200"),
    .init("bearer header", "Authorization: Bearer §"),
    .init("bearer", "sending bearer § to the server"),
    .init("basic header", "> Authorization: Basic §=", .base64(23)),
    .init("headers of go", "Headers: map[Authorization:[Bearer §] Accept:[*/*]]"),
    .init("x-api-key", "x-api-key: §"),
    .init("x-auth-token", #""X-Auth-Token": ["§"]"#),
    .init("cookie", "Cookie: lang=en; session=§; x=1"),
    .init("set-cookie", "set-cookie: sid=§; Path=/; HttpOnly"),
    .init("go struct", "spec: {Name:DB_PASSWORD,Value:§,ValueFrom:nil,}"),
    .init("go struct quoted", #"&v1.Auth{Username:"x", Password:"§", Email:""}"#, .symbols),
    .init("cri key value", #"envs:{key:"DB_PASSWORD" value:"§"} envs:{key:"A" value:"b"}"#),
    .init("xml", "<user>x</user><password>§</password>", .symbols),
    .init("xml attribute", #"<login user="x" password="§"/>"#),
    .init("xml element with attribute", #"<ns:Password Type="text">§</ns:Password>"#),
    .init("sql", "CREATE USER x WITH PASSWORD '§';", .phrase),
    .init("connection string", "Server=db;Database=x;User Id=sa;Password=§;Encrypt=yes"),
    .init("azure storage", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=§==;EndpointSuffix=c", .base64(86)),
    .init("azure service bus", "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=§=", .base64(43)),
    .init("sas", "https://x.blob.core.windows.net/c?sv=2020&se=2026&sig=§%3D&sp=r", .mixed),
    .init("aws presigned", "https://b.s3.amazonaws.com/k?X-Amz-Credential=x&X-Amz-Signature=§", .hex(64)),
    .init("percent encoded", "redirect=%2Fx%3Fpassword%3D§%26y%3D1"),
    .init("fullwidth", "密码：§"),
    .init("secret of a client", "client_secret=§ grant=x", .word),
    .init("jwt", "token review of eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.§ done"),
    .init("escaped lines", #"data: "user: x\npassword: §\nport: 1""#),
    .init("certificate key", "[upload-certs] Using certificate key:\n§\n", .hex(64)),
    .init("crypt", "user hash $6$rounds=5000$saltsalt$§", .base64(86)),
    .init("bcrypt", "admin:$2y$10$§", .upper(53)),
    .init("slack hook", "POST https://hooks.slack.com/services/T0/B0/§"),
    .init("k3s token", "--server https://x:6443 K10\(String(repeating: "a1", count: 32))::server:§", .hex(32)),
  ]

  static let files: [Planted] = [
    .init("kubeconfig token", "users:\n- name: x\n  user:\n    token: §\n", path: kubeconfig),
    .init("kubeconfig password", "users:\n- user:\n    username: x\n    password: §\n", .phrase, path: kubeconfig),
    .init(
      "kubeconfig refresh token", "    auth-provider:\n      config:\n        refresh-token: §\n", path: kubeconfig),
    .init("kubeconfig key", "    client-key-data: §\n", .base64(400), path: kubeconfig),
    .init(
      "docker config", #"{"auths":{"https://index.docker.io/v1/":{"auth":"§="}}}"#, .base64(31),
      path: "/root/.docker/config.json"),
    .init("identity token", #"{"auths": {"x": {"identitytoken": "§"}}}"#, path: "/root/.docker/config.json"),
    .init("registry token", #"{"auths": {"x": {"registrytoken": "§"}}}"#, path: "/var/lib/kubelet/config.json"),
    .init(
      "containerd auth", "[plugins.x.registry.configs.\"r\".auth]\n  auth = \"§=\"\n", .base64(31),
      path: "/etc/containerd/config.toml"),
    .init(
      "containerd password", "  username = \"x\"\n  password = \"§\"\n", .symbols, path: "/etc/containerd/config.toml"),
    .init(
      "hosts.toml", "[host.\"https://r\".header]\n  authorization = \"Basic §=\"\n", .base64(31),
      path: "/etc/containerd/certs.d/r/hosts.toml"),
    .init(
      "hosts.toml header", "[host.\"https://r\".header]\n  x-custom = [\"§\"]\n",
      path: "/etc/containerd/certs.d/r/hosts.toml"),
    .init("env file", "# x\nDB_HOST=db\nDB_PASSWORD=§\n", .phrase, path: "/etc/app/.env"),
    .init("env file key", "STRIPE_KEY=§\n", .word, path: "/opt/app/prod.env"),
    .init("env export", "export GITHUB_TOKEN=\"§\"\n", path: "/etc/profile.d/x.sh"),
    .init("pgpassword", "PGPASSWORD=§ psql -h db\n", .word, path: "/etc/cron.d/x"),
    .init("unit", "[Service]\nEnvironment=\"A=b\" \"DB_PASS=§\"\n", .mixed, path: "/etc/systemd/system/x.service"),
    .init(
      "unit proxy", "Environment=HTTPS_PROXY=http://u:§@proxy:3128\n", path: "/etc/systemd/system/x.service.d/p.conf"),
    .init("environ", "PATH=/bin\0APP_SECRET=§\0HOME=/root\0", .phrase, path: "/proc/12/environ"),
    .init("cmdline", "/usr/bin/app\0--password\0§\0--v=2\0", .symbols, path: "/proc/12/cmdline"),
    .init("cmdline joined", "/usr/bin/app\0--db-password=§\0--v=2\0", .phrase, path: "/proc/12/cmdline"),
    .init(
      "env pair", "    env:\n    - name: DB_PASSWORD\n      value: §\n", .word, path: "/etc/kubernetes/manifests/x.yaml"
    ),
    .init("env pair quoted", "    - name: API_TOKEN\n      value: \"§\"\n", .phrase, path: yaml),
    .init("env pair json", "{\n \"name\": \"SECRET_KEY\",\n \"value\": \"§\"\n}\n", path: "/etc/x.json"),
    .init("flag list", "    command:\n    - app\n    - --token\n    - §\n", path: yaml),
    .init("flag in a list", "    - --etcd-password=§\n", .word, path: yaml),
    .init("args list", #"    args: ["--token", "§", "--x"]"#, path: yaml),
    .init(
      "etcd encryption", "  - aescbc:\n      keys:\n      - name: key1\n        secret: §=\n", .base64(43),
      path: "/etc/kubernetes/enc.yaml"),
    .init("yaml block", "password: |\n  §\nuser: x\n", .phrase, path: yaml),
    .init("yaml next line", "password:\n  §\nuser: x\n", .phrase, path: yaml),
    .init("yaml comment", "  api-key: § # mine\n", path: yaml),
    .init("token csv", "§,admin,1,\"system:masters\"\n", .hex(32), path: "/etc/kubernetes/known_tokens.csv"),
    .init("basic csv", "§,admin,1\n", .word, path: "/etc/kubernetes/basic_auth.csv"),
    .init("htpasswd", "admin:§\n", .lower(13), path: "/etc/nginx/.htpasswd"),
    .init("shadow", "root:$y$j9T$§:19000:0:99999:7:::\n", .base64(60), path: "/etc/shadow"),
    .init("service account token", "§", .mixed, path: "/var/run/secrets/kubernetes.io/serviceaccount/token"),
    .init("node token", "§\n", .hex(32), path: "/var/lib/rancher/k3s/server/node-token"),
    .init("wireguard", "[Interface]\nPrivateKey = §=\n", .base64(43), path: "/etc/wireguard/wg0.conf"),
    .init("wireguard shared", "PresharedKey = §=\n", .base64(43), path: "/etc/wireguard/wg0.conf"),
    .init("ipsec", "10.0.0.1 10.0.0.2 : PSK \"§\"\n", .phrase, path: "/etc/ipsec.secrets"),
    .init("iscsi", "node.session.auth.password = §\n", .word, path: "/etc/iscsi/iscsid.conf"),
    .init("iscsi in", "node.session.auth.password_in = §\n", .word, path: "/etc/iscsi/iscsid.conf"),
    .init("ceph", "[client.admin]\n\tkey = AQ§==\n", .base64(36), path: "/etc/ceph/ceph.client.admin.keyring"),
    .init("netrc", "machine x login joe password §\n", .word, path: "/root/.netrc"),
    .init("git credentials", "https://joe:§@github.com\n", path: "/root/.git-credentials"),
    .init("npmrc", "//registry.npmjs.org/:_authToken=§\n", path: "/root/.npmrc"),
    .init("aws", "[default]\naws_secret_access_key = §\n", .base64(40), path: "/root/.aws/credentials"),
    .init("aws session", "aws_session_token=§\n", .base64(200), path: "/root/.aws/credentials"),
    .init(
      "azure.json", "{\n  \"aadClientId\": \"x\",\n  \"aadClientSecret\": \"§\"\n}\n",
      path: "/etc/kubernetes/azure.json"),
    .init("cloud.conf", "[Global]\nusername=x\npassword=§\n", .phrase, path: "/etc/kubernetes/cloud.conf"),
    .init("vsphere", "password = \"§\"\n", .phrase, path: "/etc/kubernetes/vsphere.conf"),
    .init("weave", "          env:\n            - name: WEAVE_PASSWORD\n              value: '§'\n", path: yaml),
    .init("binary key", "\u{30}§", path: "/etc/kubernetes/pki/sa.key"),
    .init("apt proxy", "Acquire::http::Proxy \"http://u:§@proxy:3128\";\n", path: "/etc/apt/apt.conf.d/proxy"),
    .init("redis", "requirepass §\n", .word, path: "/etc/redis/redis.conf"),
    .init("chap", "incominguser joe §\n", .word, path: "/etc/tgt/targets.conf"),
  ]

  static let tokens: [Planted] =
    [
      .init("bootstrap", "using token abcdef.§", .lower(16)), .init("bootstrap alone", "x abcdef.§ y", .lower(16)),
      .init("akia", "key id AKIA§ used", .upper(16)), .init("asia", "ASIA§", .upper(16)),
      .init("google", "AIza§ used", .base64(0)), .init("alibaba", "id LTAI§", .upper(20)),
      .init("tencent", "id AKID§", .upper(32)), .init("digitalocean", "dop_v1_§", .hex(64)),
      .init("github", "x ghp_§ y", .upper(36)), .init("github fine", "github_pat_§", .upper(60)),
      .init("gitlab", "glpat-§", .upper(20)), .init("slack", "xoxb-1234-§", .upper(24)),
      .init("stripe", "sk_live_§", .upper(24)), .init("npm", "npm_§", .upper(36)), .init("hf", "hf_§", .upper(34)),
      .init("vault", "hvs.§", .upper(90)), .init("entra", "abc8Q~§", .upper(34)),
      .init("openai", "sk-proj-§", .upper(48)),
      .init("age", "AGE-SECRET-KEY-1§", .upper(58)), .init("sendgrid", "SG.abcdefghijklmnopqrstuv.§", .upper(43)),
    ].filter { if case .base64(0) = $0.shape { false } else { true } } + [.init("google key", "AIza§ used", .upper(35))]

  static let commands: [Planted] = [
    .init("flag", "+ kubectl create secret docker-registry x --docker-password § --docker-email a@b", .word),
    .init("flag =", "app --password=§ --x", .symbols), .init("token flag", "kubeadm join x --token abcdef.§", .hex(16)),
    .init("docker login", "docker login -u joe -p § registry.local", .word),
    .init("sshpass", "sshpass -p § ssh root@x", .word), .init("sshpass glued", "sshpass -p§ ssh root@x", .word),
    .init("mysql", "mysqldump -u root -p§ db > x", .word), .init("curl", "curl -u joe:§ https://x", .word),
    .init("curl long", "curl --user joe:§ https://x", .word), .init("creds", "crictl pull --creds joe:§ x", .word),
    .init("etcdctl", "etcdctl --user=root:§ get x", .word),
    .init("docker -e", "docker run -e MYSQL_ROOT_PASSWORD=§ mysql", .word),
    .init("redis-cli", "redis-cli -h x -a § ping", .word), .init("ldap", "ldapsearch -x -D cn=x -w § -b y", .word),
    .init("certificate key flag", "kubeadm join x --control-plane --certificate-key §", .hex(64)),
    .init("certificateKey", "certificateKey: §", .hex(64), path: yaml),
    .init("chpasswd", "echo joe:§ | chpasswd", .word),
    .init("cifs", "mount -t cifs //x/y -o username=a,password=§,uid=0", .word),
    .init("exec form", #"exec ["docker","login","-u","x","-p","§"]"#, .word),
  ]

  static let quoted: [Planted] = [
    .init("argument in quotes", #"args: ["--db-password=§", "--x"]"#, .phrase),
    .init("environment in quotes", #""Env": ["A=b", "DB_PASSWORD=§", "C=d"]"#, .phrase),
    .init("escaped environment", #"msg="{\"Env\":[\"DB_PASSWORD=§\",\"C=d\"]}""#, .phrase),
    .init("three quotes", #"password = """§""""#, .phrase, path: "/etc/x.toml"),
    .init("credentials", "ldap.bind.credentials = §\n", .word, path: "/etc/x.properties"),
    .init("literal", "kubectl create secret generic x --from-literal=password=§ --from-literal=a=b", .word),
    .init("vault header", "-H \"X-Vault-Token: §\"", .word), .init("index", #"os.environ["API_KEY"] = "§""#, .phrase),
    .init("flow pair", "env: [{name: DB_PASSWORD, value: §}]", .word),
  ]

  static let manifests: [Planted] = [
    .init(
      "secret data", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  foo: §\ntype: Opaque\n", .base64(24),
      path: yaml),
    .init(
      "secret printed", "apiVersion: v1\ndata:\n  foo: §\n  bar: eA==\nkind: Secret\nmetadata:\n  name: x\n",
      .base64(24), path: yaml),
    .init("secret stringData", "kind: Secret\nstringData:\n  any: §\n", .phrase, path: yaml),
    .init("secret block", "kind: Secret\nstringData:\n  conf: |\n    # x\n    line §\n    end\n", .word, path: yaml),
    .init("secret folded", "kind: Secret\ndata:\n  big: >-\n    §\n    eHg=\n", .base64(76), path: yaml),
    .init(
      "secret in a list",
      "kind: List\nitems:\n- apiVersion: v1\n  data:\n    a: §\n  kind: Secret\n- kind: ConfigMap\n", .base64(20),
      path: yaml),
    .init(
      "secret second document", "kind: ConfigMap\ndata:\n  a: b\n---\ndata:\n  x: '§'\nkind: \"Secret\"\n", .word,
      path: yaml),
    .init("secret flow", "kind: Secret\ndata: {a: §}\n", .base64(20), path: yaml),
    .init("secret json", #"{"kind":"Secret","data":{"a":"§","b":"eA=="}}"#, .base64(20), path: "/x.json"),
    .init(
      "secret json pretty",
      "{\n \"apiVersion\": \"v1\",\n \"data\": {\n  \"a\": \"§\"\n },\n \"kind\": \"Secret\"\n}\n", .word,
      path: "/x.json"),
    .init(
      "secret list json", #"{"kind":"SecretList","items":[{"metadata":{"name":"x"},"data":{"a":"§"}}]}"#, .word,
      path: "/x.json"),
    .init(
      "last applied",
      "metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"data\":{\"p\":\"§\"},\"kind\":\"Secret\"}\n",
      .base64(20), path: yaml),
    .init(
      "last applied json",
      #"{"metadata":{"annotations":{"last":"{\"data\":{\"p\":\"§\"},\"kind\":\"Secret\"}"}},"kind":"Secret"}"#,
      .base64(20), path: "/x.json"),
    .init("secret in a log", #"obj={"kind":"Secret","apiVersion":"v1","stringData":{"a":"§"}} n=1"#, .word),
    .init("secret in a stream", "apiVersion: v1\ndata:\n  a: §\nkind: Secret\n", .base64(20)),
    .init("string data in a stream", "stringData:\n  a: §\n  b: c\n", .word),
  ]
}
