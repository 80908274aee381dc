/// A name whose value is a secret, told by its words and never by a list of whole names alone.
struct SecretName {
  enum Meaning {
    case password, token, secret, key, environment, credential, auth, authorization, cookie, certificateKey
  }

  let meaning: Meaning
  /// Whether it is written as environment variables are.
  let isUpper: Bool
  /// Whether it has more than one word.
  let isCompound: Bool
  /// Whether it names several, or their number: `tokens`.
  let isPlural: Bool
  let text: String

  /// Nil where `bytes` name no secret.
  init?(_ bytes: ArraySlice<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    let isUpper = !bytes.contains(where: \.isLower) && bytes.contains(where: \.isUpper)
    var letters = bytes.filter { $0 != 45 && $0 != 95 && $0 != 46 }.map(\.lowered)
    let isCompound =
      letters.count < bytes.count || zip(bytes, bytes.dropFirst()).contains { $0.isLower && $1.isUpper }
    while letters.count > 3, letters.last?.isDigit == true { letters.removeLast() }
    let plain = String(decoding: letters, as: UTF8.self)
    let isPlural = plain.hasSuffix("s") && !plain.hasSuffix("pass")
    if let meaning = Self.meaning(of: plain, written: text, isUpper: isUpper) {
      self.meaning = meaning
      self.isPlural = isPlural
    } else if isPlural || plain.contains("unsealkey") || plain.contains("recoverykey"),
      let meaning = Self.meaning(of: Self.singular(plain), written: text, isUpper: false)
    {
      self.meaning = meaning
      self.isPlural = true
    } else {
      return nil
    }
    self.isUpper = isUpper
    self.isCompound = isCompound
    self.text = plain
  }

  /// `unseal_keys_b64` and `tokens` as names of one.
  private static func singular(_ plain: String) -> String {
    if plain.contains("unsealkeys") { return "unsealkey" }
    if plain.contains("recoverykeys") { return "recoverykey" }
    return plain.hasSuffix("s") ? String(plain.dropLast()) : ""
  }

  var kind: Kind {
    switch meaning {
    case .password: .password
    case .token: text.hasSuffix("jwt") ? .jwt : .token
    case .secret: .credential
    case .key: text.hasSuffix("accesskey") ? .accessKey : text.contains("private") ? .privateKey : .encryptionKey
    case .environment: .environment
    case .credential: .credential
    case .auth: .registryAuth
    case .authorization: .authorization
    case .cookie: .cookie
    case .certificateKey: .certificateKey
    }
  }

  /// What a name speaks of when it ends in one of these is not the secret itself.
  private static let harmlessEnds = [
    "file", "files", "path", "paths", "dir", "directory", "name", "names", "ttl", "url", "uri", "type", "ref", "count",
    "policy", "mode", "namespace", "length", "size", "age", "expiry", "expires", "expiration", "lifetime", "timeout",
    "enabled", "disabled", "required", "rotation", "version", "format", "field", "header", "endpoint", "authentication",
    "seconds", "minutes", "days", "warning", "expired", "reset", "prompt", "attempts", "strength", "complexity", "hint",
    "provider", "audience", "issuer", "controller", "manager", "class", "kind", "groups", "usages", "webhook", "plugin",
    "limit", "min", "max", "num", "location", "command", "id", "ids", "cacert", "status", "error", "reason", "message",
    "agent", "store", "driver", "backend", "methods", "method",
  ]

  private static let keys = [
    "apikey", "accesskey", "secretkey", "privatekey", "encryptionkey", "signingkey", "accountkey", "storagekey",
    "licensekey", "licencekey", "masterkey", "authkey", "sharedkey", "presharedkey", "sessionkey", "subscriptionkey",
    "consumerkey", "deploykey", "servicekey", "appkey", "applicationkey", "hmackey", "aeskey", "cryptkey", "cryptokey",
    "webhookkey", "registrationkey", "userkey", "adminkey", "rootkey", "joinkey", "cephkey", "sshkey", "sslkey",
    "tlskey", "integrationkey", "ingestkey", "ingestionkey", "writekey", "functionkey", "unsealkey", "recoverykey",
    "clientkey", "activationkey", "clientkeydata", "keydata", "secretkeybase", "serverkey", "cipherkey", "datakey",
    "wireguardkey", "ipseckey", "gossipkey", "vaultkey", "passkey", "primaryaccesskey", "secondarykey", "apisecretkey",
    "privkey", "wepkey", "routingkey", "keypem", "privatekeypem", "primarykeyvalue", "signkey", "tokenkey", "jwtkey",
    "unlockkey",
    "accesskeysecret",
  ]

  private static let harmlessKeys = [
    "PUBLIC", "PRIMARY", "FOREIGN", "CACHE", "SORT", "PARTITION", "TOPOLOGY", "LABEL", "ANNOTATION", "ROUTING", "GPG",
    "HOST_KEY", "FINGERPRINT", "REGISTRY_KEY",
  ]

  private static func meaning(of plain: String, written text: String, isUpper: Bool) -> Meaning? {
    if text.hasPrefix("密码") || text.hasPrefix("口令") { return .password }
    if plain.hasSuffix("certificatekey") { return .certificateKey }
    if plain.hasSuffix("authorization") { return .authorization }
    if plain.hasSuffix("cookie") { return .cookie }
    if ["auth", "basicauth", "xregistryauth", "registryauth", "dockerauth", "authbase64"].contains(plain) {
      return .auth
    }
    if plain.hasSuffix("auth"), text.contains("-") || text.contains("."), text.count > 8 { return .auth }
    if plain == "requirepass" || plain == "masterauth" { return .password }
    if plain.hasSuffix("authtok") || plain.hasSuffix("peerpass") || isPW(plain, text) { return .password }
    if plain == "samlresponse" || plain == "samlrequest" || plain.hasSuffix("secretid") { return .token }
    if plain == "privatekeyid" || plain == "keyid" { return nil }
    if keys.contains(where: plain.hasSuffix) { return .key }
    let isHarmless = harmlessEnds.contains(where: plain.hasSuffix)
    if ["password", "passwd", "passwort", "passphrase", "passcode", "otpseed", "kennwort"].contains(
      where: plain.contains)
    {
      return isHarmless ? nil : .password
    }
    if plain.hasSuffix("pwd") || plain.hasSuffix("psk") || plain.hasSuffix("presharedsecret") { return .password }
    if plain.hasSuffix("pass"), isPass(plain, text) { return .password }
    let rest = ["", "value", "data", "base64", "b64", "string", "plain", "text", "hash", "old", "new", "raw"]
    func ends(_ word: String) -> Bool {
      rest.contains { plain.hasSuffix(word + $0) && !($0 == "hash" && plain.contains("cacert")) }
    }
    if ends("token") || plain.hasSuffix("jwt") || plain.hasSuffix("sessionid") { return .token }
    if plain == "xamzsignature" || plain == "xgoogsignature" { return .token }
    if ends("secret") { return .secret }
    // systemd.exec(5): what it names is a file.
    if ["loadcredential", "importcredential", "conditioncredential"].contains(where: plain.hasPrefix) { return nil }
    if ends("credential") || ends("credentials") || ends("creds") { return .credential }
    guard isUpper, text.contains("_"), !isHarmless else { return nil }
    if plain.contains("token") { return .token }
    if plain.contains("secret") || plain.contains("credential") { return .environment }
    let isKey = text.hasSuffix("_KEY") || text.contains("_KEY_") || text.hasSuffix("_KEYS") || text.hasSuffix("_PSK")
    if isKey || text.hasSuffix("_PASS") || text.contains("_PASS_") || text.contains("_PWD_") {
      return harmlessKeys.contains(where: text.contains) ? nil : .environment
    }
    return nil
  }

  /// Whether `pw` is a word of its own: `bindpw`, `DB_PW`, `bindPW`.
  private static func isPW(_ plain: String, _ text: String) -> Bool {
    guard plain.hasSuffix("pw") else { return false }
    if ["pw", "bindpw", "rootpw", "userpw", "dbpw", "adminpw", "rootbindpw"].contains(plain) { return true }
    guard let before = text.utf8.dropLast(2).last else { return false }
    return !before.isLetter || (before.isLower && text.hasSuffix("PW"))
  }

  /// Whether `pass` is a word of its own, unlike that of `bypass`.
  private static func isPass(_ plain: String, _ text: String) -> Bool {
    let known = ["pass", "userpass", "dbpass", "mysqlpass", "rootpass", "adminpass", "smtppass", "ftppass", "keypass"]
    if known.contains(plain) || ["storepass", "bindpass", "httppass", "sqlpass", "pgpass"].contains(plain) {
      return true
    }
    if plain.hasSuffix("storepass") || plain.hasSuffix("keypass") || plain.hasSuffix("managerpass") { return true }
    guard let before = text.utf8.dropLast(4).last else { return false }
    let first = text.utf8.dropLast(3).last
    return !before.isLetter || (before.isLower && first == UInt8(ascii: "P"))
  }
}
