/// Secrets that only their place tells, or that go on over lines.
extension Planted {
  static let places: [Planted] = [
    .init("bytes in decimal", "Secret{Data:map[string][]byte{q: [49 50 51 52 53 54 55 56 57 48 49 50]}} password=§"),
    .init("strings of go", #"http.Header{"X-Vault-Token":[]string{"§"}, "Accept":[]string{"*/*"}}"#),
    .init("cookie of go", #"http.Header{"Cookie":[]string{"sid=§; lang=en"}}"#),
    .init("StringData of go", #"v1.Secret{StringData:map[string]string{"a":"§"}}"#, .word),
    .init("tuple", "('api_key', '§')"), .init("setenv", #"setenv("API_TOKEN", "§", 1) = 0"#),
    .init("row of a table", "client_secret\t§"), .init("ENV", "ENV DB_PASSWORD §", .word),
    .init("arrow", "accessKeySecret -> §", .word),
    .init("sentence", "the aws_session_token is §"),
    .init("generated", "[Note] A temporary password is generated for root@localhost: §", .lower(12)),
    .init("entities", "{&quot;password&quot;:&quot;§&quot;}", .word),
    .init("audited arguments", #"type=EXECVE argc=3 a0="app" a1="--password" a2="§""#, .word),
    .init("exec of an audit event", "/pods/p/exec?command=mysql&command=-p§&container=c", .word),
    .init("exec of two arguments", "/pods/p/exec?command=redis-cli&command=-a&command=§", .word),
    .init("signature in a query", "GET /p?a=1&hmac=§&b=2"), .init("key in a query", "GET /p?a=1&key=§&b=2"),
    .init("thin url", "jdbc:oracle:thin:scott/§@//h:1521/s", .word),
    .init("telegram url", "https://api.telegram.org/bot1234567890:§abcdefghijkl/send"),
    .init("access key and secret", "AKIAABCDEFGHIJKLMNOP:§aBcDeFgHiJkLmNoPqRs"),
    .init("google client secret", "using GOCSPX-§ now"), .init("hcp", "x.atlasv1.§aBcDeFgHiJkL"),
    .init("rancher", "token-abc12:§", .lower(54)), .init("nkey", "seed SUA§", .upper(55)),
    .init("redis acl", "user default on >§ ~* +@all", .word), .init("pgpass in a log", "db:5432:app:joe:§", .word),
    .init("postfix", "[smtp.example]:587 joe@example.com:§", .word), .init("chap", "\"joe\" * \"§\" *", .word),
    .init("identified with", "IDENTIFIED WITH mysql_native_password BY '§';", .word),
    .init("here-string", "docker login -u joe --password-stdin <<< '§'", .word),
    .init("echo to sudo", "echo -n § | sudo -S true", .word),
    .init("ctr", "ctr -n k8s.io images pull -u joe:§ r.io/x", .word),
    .init("ssh-keygen", "ssh-keygen -t rsa -N '§' -f k", .word), .init("zip", "zip -P § a.zip b", .word),
    .init("vault", "vault kv put secret/app key2=§", .word), .init("pin", "PIN=§", .digits(6)),
    .init("haproxy in a log", "user bob insecure-password §", .word), .init("rootpw", "rootpw §", .word),
    .init("cilium", "keys: \"3 rfc4106(gcm(aes)) § 128\"", .hex(40)),
    .init("toml list", "secretKeys = [\n  \"§\",\n]\nport = 1"), .init("yaml list", "tokens:\n- §\nother: 1"),
    .init("json list", "\"unseal_keys_b64\": [\n  \"§\",\n  \"x\"\n]"),
    .init("json over lines", "{\n \"password\":\n  \"§\"\n}", .word),
    .init("yaml over lines", "password: \"abc\\\n  §\"\nend"),
    .init("xml over lines", "<passphrase>\n  §\n</passphrase>", .word),
    .init("form", "Content-Disposition: form-data; name=\"password\"\n\n§\n--x--", .word),
    .init("smtp login", "334 UGFzc3dvcmQ6\n§", .base64(24)),
    .init("expect", "expect \"password:\"\nsend \"§\\r\"", .word),
    .init("chpasswd list", "chpasswd:\n  list: |\n    root:§\n  expire: false", .word),
    .init("chpasswd heredoc", "chpasswd <<EOF\nroot:§\nEOF", .word),
    .init(
      "toml text in docker",
      #"{"log":"password = \"\"\"\n","stream":"stderr"}"# + "\n"
        + #"{"log":"§\"\"\"\n","stream":"stderr"}"#, .word),
    .init(
      "value in docker",
      #"{"log":"  \"key\": \"DB_PASSWORD\",\n","stream":"stderr"}"# + "\n"
        + #"{"log":"  \"value\": \"§\"\n","stream":"stderr"}"#, .word),
    .init("key without its begin", "plain\n§\n\(Self.line)\nAb12==\nplain", .base64(64)),
    .init("key without its begin in docker", #"{"log":"§\n","stream":"stderr"}"#, .base64(64)),
    .init("wrapped base64", "    §\n    c2hvcnQ=", .base64(76)),
    .init(
      "key in quoted lines", "\"-----BEGIN PRIVATE KEY-----\\n\"\n\"§\\n\"\n\"-----END PRIVATE KEY-----\"", .base64(64)),
    .init(
      "key in a yaml text", "k: \"-----BEGIN PRIVATE KEY-----\\n\\\n   §\\n\\\n   -----END PRIVATE KEY-----\"",
      .base64(64)),
  ]

  private static let line = String(repeating: "Ab1+cD2/", count: 8)
}
