import Foundation
import Testing

@testable import Redaction

/// What must pass as it is.
private let harmless = [
  "Pulled registry.k8s.io/pause@sha256:7031c1b283388d2c2e09b57badb803c05ebed362dc88d84b480cc47f72a21097",
  "docker-pullable://nginx@sha256:7031c1b283388d2c2e09b57badb803c05ebed362dc88d84b480cc47f72a21097",
  #"pod="kube-system/coredns-5dd5756b68-x7k2p" podUID="8c1b3c5e-3f0a-4b1e-9f7d-0123456789ab""#,
  #"containerID="containerd://0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9""#,
  "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8c1b3c5e_3f0a_4b1e_9f7d_0123456789ab.slice",
  #"resourceVersion: "123456789""#, "gitCommit: 2e9d2b1d5c9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a",
  "machine-id 0123456789abcdef0123456789abcdef",
  "link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff",
  "failed to get token: Post \"https://10.0.0.1:6443/api\": dial tcp",
  "FATAL: password authentication failed for user \"postgres\"",
  "MountVolume.SetUp failed for volume \"x\" : secret \"foo\" not found", "error: token is expired",
  #"E1 "Unable to authenticate the request" err="[invalid bearer token, token lookup failed]""#,
  "invalid bearer token", "bearer token authentication is disabled", "Basic authentication is off",
  "kubeadm token create --token-ttl=24h", "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
  "--service-account-key-file=/etc/kubernetes/pki/sa.pub", "serviceAccountKeyFile: /etc/kubernetes/pki/sa.pub",
  "imagePullSecrets:", "password requisite pam_pwquality.so retry=3",
  "password\t[success=1 default=ignore]\tpam_unix.so", "- name: regcred", "automountServiceAccountToken: true",
  "secretName: tls-cert",
  "tokenExpirationSeconds: 3607", "expirationSeconds: 3607",
  "--discovery-token-ca-cert-hash sha256:7031c1b283388d2c2e09b57badb803c05ebed362dc88d84b480cc47f72a21097",
  "passwd:         files systemd", "I1125 FLAG: --authentication-token-webhook=\"false\"",
  "I1125 FLAG: --authentication-token-webhook-cache-ttl=\"2m0s\"", "I1125 FLAG: --authorization-mode=\"AlwaysAllow\"",
  "I1125 FLAG: --cert-dir=\"/var/lib/kubelet/pki\"", "I1125 FLAG: --rotate-certificates=\"true\"",
  "I1125 FLAG: --kubeconfig=\"/etc/kubernetes/kubelet.conf\"", "authentication:", "authorization:", "  mode: Webhook",
  "--authorization-mode=Node,RBAC", "--enable-bootstrap-token-auth=true", "volumeMounts: kube-api-access-x7k2p",
  #"secret="kube-system/bootstrap-token-abcdef" object does not exist"#,
  "client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=",
  "unix:///run/containerd/containerd.sock", "https://10.0.0.1:6443/api/v1/nodes?limit=500", "git@github.com:a/b.git",
  #""Rotating certificates" key="default/foo""#, #"topologyKey: "kubernetes.io/hostname""#, "node01.17c5a0b2f0c3d4e5",
  #"object="default/node01.17c5a0b2f0c3d4e5" created"#, "-----BEGIN CERTIFICATE-----",
  "MIIBpDCCAUqgAwIBAgIUPckHDZlkHAINtZgloD7Er",
  "-----END CERTIFICATE-----", "Listening on /run/user/1000/keyring",
  "sshd[1]: Accepted publickey for root from 10.0.0.1",
  "kubectl get secret foo -n bar", "read secrets: forbidden", "token=\"\"", "password: \"\"", "password: null",
  "no password set", "docker run --user 1000:1000 x", "there is no JWS signed token in the cluster-info ConfigMap",
  "bypass=1 compass=2", "keyring: ok", "monkey=banana", "session opened for user root", "tokens per second: 12",
  "Access denied for user 'x'@'y' (using password: YES)", "PWD=/root", "SSH_AUTH_SOCK=/run/x",
  "key: node-role.kubernetes.io/master",
  "--token", "authorization: not allowed by RBAC", "cgroupDriver: systemd", "credentials: expired", "max_tokens=4096",
  "GOOGLE_APPLICATION_CREDENTIALS=/var/run/secrets/gcp.json", "TOKEN=$(cat /run/token)", "PASSWORD=${DB_PASSWORD}",
  "password: <redacted>", "Environment=\"KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf\"",
  "tlsCipherSuites: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "serviceAccountName: token-controller",
  "LoadCredential=passwd.hashed-password.root", "ImportCredential=network.dns", "kpasswd\t\t464/tcp",
  "# --set-credential= switch.", "private_key = $dir/private/cakey.pem",
  "failed to load private key: tls: private key does not match public key", "private key: EOF",
  "public key: 2Jk9vG3y0uBf3yqfC5TnU2m1vYw8l1oT3l8iSx1pN2c=", "stats.go:12] basic auth webhook:8443",
  "version=2.8&signature=gcF912ffmo8YREblTPlm3cNoSXNxl8a63a",
  #""StartContainer" for "password-rotator" with CrashLoopBackOff: "back-off 5m0s restarting failed container""#,
  "tokens: 153", "secrets: [db, web]", "resources: [\"secrets\"]", "tokens used: 12", "send \"hello\"", "pin=12",
  "containerID: 0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
  "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
  "/apis/admissionregistration/v1/validatingwebhookconfigurations/abcdefgh", "etcd key=/registry/pods/default/web-1",
  "listening on 10.0.0.1:5432: ok", "[::1]:8080 is up", "user foo on seat0", "--auth-mode=basic", "3 tokens, 2 keys",
  "GET /watch?key=pods&resourceVersion=12345", "erlang cookie: unset",
  "self.auth = MultiDomainBasicAuth(index_urls=urls)",
  "[\"crd_password\", \"primary_l3_host_password\"]", "tokens = tokendefs[stack[-1]]",
  "initial-cluster-token=etcd-cluster-1",
]

@Suite struct FalseRedactionTests {
  @Test(arguments: harmless) func passes(_ line: String) {
    for path in ["/var/log/x.log", "/etc/kubernetes/x.yaml"] {
      let output = String(decoding: Redactor().redact(Array((line + "\n").utf8), path: path), as: UTF8.self)
      #expect(output == line + "\n", "\(path)")
    }
  }

  @Test func passesAsAWhole() {
    let text = harmless.filter { $0 != "--token" }.joined(separator: "\n") + "\n"
    #expect(String(decoding: Redactor().redact(Array(text.utf8), path: "/var/log/x.log"), as: UTF8.self) == text)
  }

  /// A flag at the end of a line is followed by a value only in a list.
  @Test func passesTheNextLineOfAUnit() {
    let text = "ExecStart=systemd-firstboot --prompt-root-password\nStandardOutput=tty\n"
    #expect(String(decoding: Redactor().redact(Array(text.utf8), path: "/etc/x.service"), as: UTF8.self) == text)
  }

  @Test func passesProse() {
    let text =
      "token: not found\nfetch token: Post \"https://x/api/serviceaccounts/y/token\": \"dial tcp refused 10.0.0.1\"\n"
      + "FLAG: --docker-tls-key=\"key.pem\"\nyou must also pass `--logtostderr=false`\nsecret: does not exist in the namespace\n"
    #expect(String(decoding: Redactor().redact(Array(text.utf8), path: "/var/log/x.log"), as: UTF8.self) == text)
  }

  @Test func passesPlacesToFillIn() {
    let text = "#  javax.net.ssl.keyStorePassword=<keystore-password>\n#  Any other properties will be ignored.\n"
    #expect(String(decoding: Redactor().redact(Array(text.utf8), path: "/var/log/x.log"), as: UTF8.self) == text)
  }

  /// The lines of a certificate look like those of a key.
  @Test func passesCertificates() {
    let line = String(repeating: "MIIBpD+/", count: 8)
    let text = "-----BEGIN CERTIFICATE-----\n\(line)\n\(line)\nMIIB1w==\n-----END CERTIFICATE-----\nend\n"
    #expect(String(decoding: Redactor().redact(Array(text.utf8), path: "/var/log/x.log"), as: UTF8.self) == text)
  }

  @Test func passesConfigMaps() {
    let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  mode: iptables\n  dns: ClusterFirst\n  n: c3VwZXJzZWNyZXQ=\n"
    #expect(String(decoding: Redactor().redact(Array(text.utf8), path: "/etc/x.yaml"), as: UTF8.self) == text)
  }
}
