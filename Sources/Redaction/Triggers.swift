import CVectorscan

/// A word that makes a line worth a look.
enum Trigger: UInt32 {
  /// Part of a name whose value may be a secret.
  case key = 0
  case bearer, basic, url, dataSource, bootstrapToken, privateKey, encoded, ceph, command, secretKind, data, tildeSecret
  case azureSignature, webhook, clusterToken, jsonKey
  case foreignName, hexadecimal, peer, shared, snmp, numbers, hexText, encodedURL, identified, plainAuth, microK8s, code
  case literal, botToken, putty
  /// A line that ends in a long run of base64; found without vectorscan.
  case wrapped
  case query, execution, byteList, accessList, passwordFile, hereString, account, thinURL, quotedStars, rancher, form
  case loginPrompt, chpasswd, expect, send, vault, middle, pin, encrypt, hexKey, objectOfTokens, domainUser, peerLogin,
    encodedKey, escapedName, generated
  /// A word within base64; the number above this one says how many characters of a group of four end with it.
  case encodedWord = 60
  case encodedWord1, encodedWord2, encodedWord3
  /// The first of the prefixes that tokens begin with.
  case prefix = 100
}

/// A prefix that tells a token by itself.
struct TokenPrefix {
  let text: String
  let kind: Kind
  /// How many more characters there are at least.
  let minimum: Int
  /// The characters beside letters and digits.
  let others: String

  static let all: [TokenPrefix] = [
    .init("AKIA", .accessKey, 12, ""), .init("ASIA", .accessKey, 12, ""), .init("AIza", .accessKey, 30, "-_"),
    .init("LTAI", .accessKey, 12, ""), .init("AKID", .accessKey, 13, ""), .init("ya29.", .token, 16, "-_."),
    .init("dop_v1_", .token, 32, ""), .init("doo_v1_", .token, 32, ""), .init("dor_v1_", .token, 32, ""),
    .init("ghp_", .token, 20, ""), .init("gho_", .token, 20, ""), .init("ghu_", .token, 20, ""),
    .init("ghs_", .token, 20, ""), .init("ghr_", .token, 20, ""), .init("github_pat_", .token, 20, "_"),
    .init("glpat-", .token, 16, "-_."), .init("gldt-", .token, 16, "-_"), .init("glrt-", .token, 16, "-_."),
    .init("glcbt-", .token, 16, "-_"), .init("glptt-", .token, 16, "-_"), .init("glsoat-", .token, 16, "-_"),
    .init("glagent-", .token, 16, "-_"), .init("gloas-", .token, 16, "-_"), .init("glft-", .token, 16, "-_"),
    .init("xoxa-", .token, 10, "-"), .init("xoxb-", .token, 10, "-"), .init("xoxp-", .token, 10, "-"),
    .init("xoxr-", .token, 10, "-"), .init("xoxs-", .token, 10, "-"), .init("xoxe-", .token, 10, "-"),
    .init("xoxe.", .token, 10, "-."), .init("xoxc-", .token, 10, "-"), .init("xoxd-", .token, 10, "-%"),
    .init("xapp-", .token, 10, "-"), .init("sk_live_", .token, 10, ""), .init("sk_test_", .token, 10, ""),
    .init("rk_live_", .token, 10, ""), .init("rk_test_", .token, 10, ""), .init("whsec_", .token, 16, "+/="),
    .init("npm_", .token, 30, ""), .init("pypi-", .token, 24, "-_"), .init("dapi", .token, 32, "-"),
    .init("hf_", .token, 24, ""),
    .init("sk-ant-", .token, 20, "-_"), .init("sk-proj-", .token, 20, "-_"), .init("sk-", .token, 32, ""),
    .init("SG.", .token, 40, "-_."), .init("hvs.", .token, 20, "-_"), .init("hvb.", .token, 20, "-_"),
    .init("hvr.", .token, 20, "-_"), .init("dckr_pat_", .token, 16, "-_"), .init("dckr_oat_", .token, 16, "-_"),
    .init("ATATT3", .token, 20, "-_="), .init("shpat_", .token, 20, ""), .init("shpss_", .token, 20, ""),
    .init("AGE-SECRET-KEY-1", .encryptionKey, 30, ""), .init("nvapi-", .token, 30, "-_"),
    .init("tskey-", .token, 16, "-"), .init("lin_api_", .token, 20, ""), .init("PMAK-", .token, 20, "-"),
    .init("dp.pt.", .token, 20, ""), .init("rubygems_", .token, 30, ""), .init("glc_", .token, 30, "+/=-_"),
    .init("glsa_", .token, 24, "_"), .init("EAACEdEose0cBA", .token, 10, ""), .init("AQoDYXdz", .token, 16, "+/=%"),
    .init("IQoJb3Jp", .token, 16, "+/=%"), .init("FwoGZXIv", .token, 16, "+/=%"), .init("sq0csp-", .token, 20, "-_"),
    .init("$2a$", .hash, 40, "./$+"), .init("$2b$", .hash, 40, "./$+"), .init("$2y$", .hash, 40, "./$+"),
    .init("$2x$", .hash, 40, "./$+"), .init("$1$", .hash, 16, "./$+"), .init("$5$", .hash, 30, "./$=+"),
    .init("$6$", .hash, 40, "./$=+"), .init("$7$", .hash, 30, "./$+"), .init("$y$", .hash, 30, "./$+"),
    .init("$gy$", .hash, 30, "./$+"), .init("$apr1$", .hash, 16, "./$+"), .init("$argon2", .hash, 30, "./$=,+"),
    .init("$pbkdf2", .hash, 30, "./$=,+-_"), .init("$scrypt$", .hash, 30, "./$=,+"), .init("$sha1$", .hash, 20, "./$+"),
    .init("{SHA}", .hash, 20, "+/="), .init("{SSHA}", .hash, 20, "+/="), .init("{SSHA256}", .hash, 20, "+/="),
    .init("{SSHA512}", .hash, 20, "+/="), .init("{SHA256}", .hash, 20, "+/="), .init("{SHA512}", .hash, 20, "+/="),
    .init("GOCSPX-", .token, 20, "-_"), .init("NRAK-", .token, 20, ""), .init("NRII-", .token, 20, "-_"),
    .init("AKCp", .token, 60, ""), .init("pul-", .token, 40, ""), .init("SWMTKN-1-", .token, 40, "-"),
    .init("SUA", .encryptionKey, 55, ""), .init("SAA", .encryptionKey, 55, ""), .init("SOA", .encryptionKey, 55, ""),
    .init("pbkdf2_sha256$", .hash, 30, "./$=+"), .init("pscale_tkn_", .token, 20, "-_."),
    .init("pscale_pw_", .password, 20, "-_."), .init("gsk_", .token, 40, ""), .init("xkeysib-", .token, 40, "-"),
    .init("sgp_", .token, 36, "_"), .init("ATCTT3", .token, 20, "-_="), .init("ATBB", .token, 24, ""),
    .init("dt0c01.", .token, 40, "."), .init("r8_", .token, 36, ""), .init("sbp_", .token, 36, ""),
    .init("ops_eyJ", .token, 40, "-_"), .init("sq0atp-", .token, 20, "-_"), .init("shpca_", .token, 30, ""),
    .init("shppa_", .token, 30, ""), .init("xai-", .token, 60, ""), .init("FLWSECK", .token, 20, "-_"),
    .init("rzp_live_", .token, 12, ""),
    .init("figd_", .token, 30, "-_"), .init("HRKU-", .token, 30, "-_"), .init("dp.st.", .token, 30, "."),
    .init("ntn_", .token, 40, ""), .init("sntrys_", .token, 40, "-_=+/"), .init("sntryu_", .token, 40, ""),
    .init("SWMKEY-1-", .encryptionKey, 30, "+/="), .init("MDAx", .token, 60, "+/=-_"),
    .init("SCRAM-SHA-256$", .hash, 30, "./$=,+:"), .init("SHA256$", .hash, 30, "./$=,+"),
  ]

  init(_ text: String, _ kind: Kind, _ minimum: Int, _ others: String) {
    self.text = text
    self.kind = kind
    self.minimum = minimum
    self.others = others
  }
}

/// Where a trigger ends.
struct Hit {
  let id: UInt32
  let end: Int
}

/// All triggers, compiled into one automaton. Immutable after `init`, and vectorscan promises that a database may be
/// shared between threads (each with its own scratch): hence `@unchecked`.
/// - SeeAlso: https://intel.github.io/hyperscan/dev-reference/
final class TriggerDatabase: @unchecked Sendable {
  /// Nil where vectorscan does not work on this machine: then every text is hidden as a whole.
  static let shared: TriggerDatabase? = TriggerDatabase()

  let pointer: OpaquePointer

  private init?() {
    var expressions: [(text: String, id: UInt32, flags: Int32)] = []
    func add(_ trigger: Trigger, _ words: [String], caseless: Bool = true) {
      for word in words { expressions.append((word, trigger.rawValue, caseless ? HS_FLAG_CASELESS : 0)) }
    }
    add(
      .key,
      [
        "pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "psk", "jwt", "密码", "口令", "sessionid",
        "session_id", "session-id",
      ])
    add(
      .key,
      [
        "pw", "samlre", "x-amz-signature", "x-goog-signature", "crumb", "otp_seed", "passcode", "incominguser",
        "outgoinguser", "kennwort",
      ])
    add(.bearer, ["bearer "])
    add(.basic, ["basic "])
    add(.url, ["://"])
    add(.dataSource, ["@tcp\\(", "@unix\\(", "@udp\\(", "@\\("])
    add(.bootstrapToken, ["[a-z0-9]{6}\\.[a-z0-9]{16}"], caseless: false)
    add(.privateKey, ["-----BEGIN ", "-----END ", "PRIVATE KEY BLOCK"], caseless: false)
    add(
      .encoded, ["eyJ", "ewog", "ewoJ", "LS0tLS1C", "H4sI", "SDRzSU", "YXBpVmVyc2lvb", "eyAg", "ewo", "ZXlK"],
      caseless: false)
    for (index, words) in Self.encodedWords.enumerated() {
      for word in words { expressions.append((word, Trigger.encodedWord.rawValue + UInt32(index), 0)) }
    }
    add(.foreignName, SecretFinder.foreignNames, caseless: false)
    add(
      .hexadecimal,
      [
        "\\)\\s0x[0-9a-f]{16}", "(CLIENT_RANDOM|_SECRET(_[0-9])?)\\s[0-9a-f]{64}\\s[0-9a-f]{32}",
        "rfc[0-9]{4}\\([a-z0-9()]{1,20}\\)\\s[0-9a-f]{32}",
      ])
    add(.peer, ["[0-9]:[0-9]{1,10}:[^:\\s\"]{1,80}:(true|false)"])
    add(.shared, [":\\s(PSK|EAP|XAUTH|NTLM|PIN)\\s"], caseless: false)
    add(.snmp, ["community", "com2sec", "createuser"])
    add(.numbers, [":\\[([0-9]{2,3}\\s){8}"])
    add(
      .hexText,
      [
        "70617373776f7264", "746f6b656e", "736563726574", "50415353574f5244", "544f4b454e", "2d2d2d2d2d424547494e",
      ])
    add(.encodedURL, ["%3a%2f%2f"])
    add(.identified, ["identified by ", "identified with [^ ]{1,60} (by|as) ", "convertto-securestring "])
    add(.plainAuth, ["auth plain "])
    add(.microK8s, [":25000/"])
    add(.code, ["[?&]code="])
    add(.literal, ["--from-literal"])
    add(.putty, ["Private-Lines:\\s", "Private-MAC:\\s"], caseless: false)
    add(.botToken, ["[0-9]:AA[A-Za-z0-9_-]{33}"], caseless: false)
    add(.ceph, ["AQ[A-Za-z0-9+/]{36}=="], caseless: false)
    add(.command, ["sshpass", "redis-cli", "mysql", "mariadb", " login ", "curl", "--user", "creds", "ldap", "wget"])
    add(.command, ["nerdctl", "pcs ", " pull ", "ssh-keygen", "zip -p", "cryptsetup", "etcdctl", " sudo -s", "-stdin"])
    for place in Self.places { add(place.trigger, place.words, caseless: place.isCaseless) }
    add(.command, ["\"login\"", "smbclient", "htpasswd", "mongo", "rabbitmqctl", "chpasswd", "snmp", "ipmitool"])
    add(.secretKind, ["Secret[\\\\]{0,15}\"", "kind:\\s{0,4}['\"]?Secret", "\"secrets[\\\\]{0,15}\""], caseless: false)
    add(.data, ["data[\\\\]{0,15}[\"']?\\s{0,4}:"])
    add(.tildeSecret, ["[0-9]Q~"], caseless: false)
    add(.azureSignature, ["[?&;]sig=", "sig%3D", "[?&;]signature="])
    add(.webhook, ["hooks\\.slack\\.com/", "discord(app)?\\.com/api/webhooks/", "webhook\\.office\\.com/"])
    add(.clusterToken, ["K10[0-9a-f]{40}"], caseless: false)
    add(.jsonKey, ["\"kty"], caseless: false)
    for (index, prefix) in TokenPrefix.all.enumerated() {
      let escaped = prefix.text.map { "$.{}?+*()[]\\|^".contains($0) ? "\\\($0)" : String($0) }.joined()
      expressions.append((escaped, Trigger.prefix.rawValue + UInt32(index), 0))
    }
    guard let pointer = Self.compile(expressions) else { return nil }
    self.pointer = pointer
  }

  deinit { hs_free_database(pointer) }

  /// What base64 makes of words that name secrets, wherever they stand in it: by how many characters of a group of
  /// four stand up to the word's end.
  private static let encodedWords: [[String]] = {
    var result: [[String]] = [[], [], [], []]
    let words = [
      "password", "Password", "PASSWORD", "passwd", "token", "Token", "TOKEN", "secret", "Secret", "SECRET", "earer ",
      "PRIVATE KEY", "api_key", "API_KEY", "apiKey", "accessKey",
    ]
    for word in words {
      for shift in 0..<3 {
        let encoded = Array(Base64.text([UInt8](repeating: 0, count: shift) + Array(word.utf8) + [0, 0]))
        let first = (8 * shift + 5) / 6
        let last = (8 * (shift + word.utf8.count)) / 6
        let known = String(decoding: encoded[first..<last], as: UTF8.self)
        result[last % 4].append(known.replacing("+", with: "[+-]").replacing("/", with: "[/_]"))
      }
    }
    return result
  }()

  private static func compile(_ expressions: [(text: String, id: UInt32, flags: Int32)]) -> OpaquePointer? {
    var platform = hs_platform_info_t(tune: 0, cpu_features: 0, reserved1: 0, reserved2: 0)
    let texts = expressions.map { Array($0.text.utf8CString) }
    let storage = UnsafeMutablePointer<CChar>.allocate(capacity: max(texts.reduce(0) { $0 + $1.count }, 1))
    defer { storage.deallocate() }
    var pointers: [UnsafePointer<CChar>?] = []
    var offset = 0
    for text in texts {
      (storage + offset).update(from: text, count: text.count)
      pointers.append(UnsafePointer(storage + offset))
      offset += text.count
    }
    var database: OpaquePointer?
    var failure: UnsafeMutablePointer<hs_compile_error_t>?
    let code = hs_compile_multi(
      pointers, expressions.map { UInt32($0.flags) }, expressions.map(\.id), UInt32(texts.count),
      UInt32(HS_MODE_BLOCK), &platform, &database, &failure)
    hs_free_compile_error(failure)
    return code == HS_SUCCESS ? database : nil
  }
}

/// Finds the triggers of a text; used on one thread.
final class TriggerScanner {
  private let database: TriggerDatabase
  private var scratch: OpaquePointer?

  init?() {
    guard let database = TriggerDatabase.shared else { return nil }
    self.database = database
    guard hs_alloc_scratch(database.pointer, &scratch) == HS_SUCCESS else { return nil }
  }

  deinit { hs_free_scratch(scratch) }

  /// The triggers of `text` in the order in which they end; nil where the scan failed.
  func hits(in text: Text) -> [Hit]? {
    guard let base = text.base, text.count > 0 else { return [] }
    var hits: [Hit] = []
    let code = withUnsafeMutablePointer(to: &hits) { pointer in
      base.withMemoryRebound(to: CChar.self, capacity: text.count) { bytes in
        hs_scan(
          database.pointer, bytes, UInt32(clamping: text.count), 0, scratch,
          { id, _, to, _, context in
            context?.assumingMemoryBound(to: [Hit].self).pointee.append(Hit(id: id, end: Int(to)))
            return 0
          }, UnsafeMutableRawPointer(pointer))
      }
    }
    return code == HS_SUCCESS ? hits : nil
  }
}
