/// Secrets in the arguments of well-known commands, whose short options tell nothing by themselves.
extension SecretFinder {
  func lookAtCommand(in range: Range<Int>) {
    guard !line.hasCommand else { return }
    line.hasCommand = true
    // What lies between the arguments is still to be looked at.
    let before = covered
    lookAtWords(words(of: range))
    covered = before
  }

  /// The arguments of a command, or of several.
  func lookAtWords(_ words: [Range<Int>]) {
    var command = ""
    var hasLogin = false
    for (index, word) in words.enumerated() {
      let value = text.string(word.lowerBound..<min(word.upperBound, word.lowerBound + 64))
      let name = value.split(separator: "/").last.map(String.init) ?? value
      let next = index + 1 < words.count ? words[index + 1] : nil
      if Self.commands.contains(where: name.hasPrefix) { command = name }
      if name == "login" { hasLogin = true }
      if name == "chpasswd", index >= 2 { hideAfterColon(words[index - 2]) }
      if name.hasSuffix("-stdin") || name == "--passphrase-fd" || name == "cryptsetup" { hideEchoed(words[..<index]) }
      if name == "add", index > 0, command == "etcdctl", let next { hideAfterColon(next) }
      if name == "password", let next, command.hasPrefix("mysqladmin") { hideArgument(next) }
      if name == "password", index + 2 < words.count, command.hasPrefix("ipmi") { hideArgument(words[index + 2]) }
      if words.count <= 2, command == name, name.hasPrefix("mysql") { state.mysqlItems = 8 }
      if name == "sudo", let next, text.string(next) == "-S" { hideEchoed(words[..<index]) }
      if name == "add_user" || name == "change_password", index + 2 < words.count { hideArgument(words[index + 2]) }
      if name == "htpasswd", words.count > index + 3, text.string(words[index + 1]).contains("b"), let last = words.last
      {
        hideArgument(last)
      }
      guard text[word.lowerBound] == 45, !command.isEmpty || hasLogin || value.hasPrefix("--") else { continue }
      lookAtOption(value, word, next, command: command, hasLogin: hasLogin)
    }
  }

  private static let commands = [
    "sshpass", "redis-cli", "mysql", "mariadb", "curl", "wget", "ldap", "smbclient", "mongo", "snmp", "ipmitool",
    "ctr", "pcs", "nerdctl", "ssh-keygen", "zip", "etcdctl", "crictl",
  ]

  private func lookAtOption(
    _ option: String, _ word: Range<Int>, _ next: Range<Int>?, command: String, hasLogin: Bool
  ) {
    let glued = word.lowerBound + 2..<word.upperBound
    switch command {
    case _ where command.hasPrefix("sshpass"), _ where command.hasPrefix("mongo"):
      if option == "-p", let next { hideArgument(next) }
      if option.hasPrefix("-p"), option.count > 2 { hideArgument(glued) }
    case _ where command.hasPrefix("mysql"), _ where command.hasPrefix("mariadb"):
      if option.hasPrefix("-p"), option.count > 2 { hideArgument(glued) }
    case _ where command.hasPrefix("redis"):
      if option == "-a", let next { hideArgument(next) }
    case _ where command.hasPrefix("snmp"):
      if ["-c", "-A", "-X"].contains(option), let next { hideArgument(next) }
    case _ where command.hasPrefix("ipmi"):
      if option == "-P", let next { hideArgument(next) }
    case _ where command.hasPrefix("ldap"):
      if option == "-w", let next { hideArgument(next) }
    case _ where command.hasPrefix("smb"):
      if option == "-U", let next, let percent = text.find(37, from: next.lowerBound, to: next.upperBound) {
        hideArgument(percent + 1..<next.upperBound)
      }
    case _ where command.hasPrefix("curl"):
      if option == "-u" || option == "-U", let next { hideAfterColon(next) }
      if option.hasPrefix("-u"), option.count > 2 { hideAfterColon(glued) }
    case "ctr", "nerdctl", "etcdctl":
      if option == "-u", let next { hideAfterColon(next) }
    case "pcs":
      if option == "-p", let next { hideArgument(next) }
    case "ssh-keygen":
      if option == "-N" || option == "-P", let next { hideArgument(next) }
    case "zip":
      if option == "-P", let next { hideArgument(next) }
    default: break
    }
    if hasLogin, option == "-p", let next { hideArgument(next) }
    let long = ["--user", "--creds", "--src-creds", "--dest-creds", "--proxy-user", "--ftp-user"]
    for name in long {
      if option == name, let next { hideAfterColon(next) }
      if option.hasPrefix("\(name)=") { hideAfterColon(word.lowerBound + name.utf8.count + 1..<word.upperBound) }
    }
  }

  /// What `echo` gives to a command that reads a password from its standard input.
  private func hideEchoed(_ words: ArraySlice<Range<Int>>) {
    guard let echo = words.lastIndex(where: { ["echo", "printf"].contains(text.string($0)) }) else { return }
    for word in words[(echo + 1)...] {
      if text[word.lowerBound] == UInt8(ascii: "|") { break }
      if text[word.lowerBound] != 45, text[word.lowerBound] != UInt8(ascii: "%") { hideArgument(word) }
    }
  }

  /// The words of a line, without the quotes and commas around them.
  func words(of range: Range<Int>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var position = range.lowerBound
    while position < range.upperBound, words.count < 400 {
      while position < range.upperBound, text[position].isSpace { position += 1 }
      var end = text.run(from: position, to: range.upperBound) { !$0.isSpace && $0 != 44 }
      let next = text[end] == 44 ? end + 1 : end
      while position < end, "\"'`[\\".utf8.contains(text[position]) { position += 1 }
      while end > position, "\"'`],\\".utf8.contains(text[end - 1]) { end -= 1 }
      if end > position { words.append(position..<end) }
      position = max(next, end + 1)
    }
    return words
  }

  private func hideArgument(_ range: Range<Int>) {
    guard !range.isEmpty, !SecretValue.isPlaceholder(text[range]), text[range.lowerBound] != 45 else { return }
    hide(range, .password)
  }

  /// The password of `user:password`; `1000:1000` are a user and a group.
  private func hideAfterColon(_ range: Range<Int>) {
    guard !range.isEmpty, let colon = text.find(58, from: range.lowerBound, to: range.upperBound) else { return }
    let isNumeric = text[range].allSatisfy { $0.isDigit || $0 == 58 }
    if !isNumeric { hideArgument(colon + 1..<range.upperBound) }
  }
}
