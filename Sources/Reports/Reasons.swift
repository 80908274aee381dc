import Model

extension Words {
  /// Why an input could not be read. What the system or a library says of it stays in English, as users search for it.
  func reason(_ error: ReadError) -> String {
    Terminal.stripped(language == .zh ? chinese(error) : error.description)
  }

  private func chinese(_ error: ReadError) -> String {
    switch error {
    case .absent: "没有此文件或目录"
    case .notCaptured: "未被采集"
    case .denied: "权限不足；请以 root 运行或使其可读"
    case .timedOut(let seconds): "\(Int(exactly: seconds).map(String.init) ?? String(seconds)) 秒内无响应"
    case .interrupted: "读取前被中断"
    case .notAsked: "未查询：需要 --network"
    case .empty: "内容为空"
    case .malformed(let reason), .failed(let reason): Self.sentences[reason] ?? sized(reason) ?? reason
    }
  }

  /// A reason that names a limit, such as `is larger than 1048576 bytes`.
  private func sized(_ reason: String) -> String? {
    for (before, after, zh) in [
      ("is larger than ", " bytes", "超过 # 字节"), ("holds more than ", " entries", "条目超过 # 个"),
      ("holds more than ", " files", "文件超过 # 个"),
      ("unpacks to more than ", " times its size: not read further", "解压后超过原大小的 # 倍：未继续读取"),
    ] where reason.hasPrefix(before) && reason.hasSuffix(after) {
      let number = reason.dropFirst(before.count).dropLast(after.count)
      if number.allSatisfy(\.isNumber) { return zh.replacing("#", with: number) }
    }
    return nil
  }

  /// The reasons that readers of files and archives give.
  private static let sentences = [
    "is no text": "不是文本",
    "holds nothing but zero bytes": "内容全是零字节",
    "is a device, not a log": "是设备文件，不是日志",
    "is no regular file": "不是普通文件",
    "is a folder, not a file": "是目录，不是文件",
    "is a file, not a folder": "是文件，不是目录",
    "is a loop of symbolic links": "符号链接成环",
    "is an archive without any file": "是不含任何文件的归档",
    "is a packed file that is cut or damaged": "压缩文件不完整或已损坏",
    "is packed in an archive in an archive": "嵌套在多层归档中",
    "holds too many long names": "含有过多的长文件名",
    "is no bundle of kdoctor": "不是 kdoctor 诊断包",
    "is no bundle and no root folder of a node": "既不是诊断包，也不是节点的根目录",
    "has a manifest that cannot be read": "清单文件无法读取",
    "is missing from the bundle": "诊断包中缺失",
    "was left out, because the bundle would become too large": "因诊断包过大而未收入",
    "holds no entry of the boot that was asked for": "不含所指定的那次启动的条目",
    "journalctl is needed to read journal files and was not found": "读取 journal 文件需要 journalctl，但未找到",
    "journalctl cannot read it": "journalctl 无法读取",
    "is not valid JSON": "不是有效的 JSON",
    "holds no certificate": "不含证书",
    "the name cannot be resolved": "名称无法解析",
    "getent is not installed": "未安装 getent",
  ]
}
