import Model
import Testing

@testable import Knowledge

@Suite struct CommandTemplateTests {
  private func fill(_ template: String, _ captures: [String: String] = [:]) -> String {
    let facts = [
      "containerd.configPath": Fact(key: "", value: .text("/etc/a b.toml"), source: ""),
      "modules.missing": Fact(key: "", value: .list(["overlay", "br_netfilter"]), source: ""),
    ]
    return CommandTemplate.fill(template, captures: captures, facts: facts)
  }

  @Test func quotesValuesForTheShell() {
    #expect(fill("pull ${image}", ["image": "r.io/a:1"]) == "pull r.io/a:1")
    #expect(fill("pull ${image}", ["image": "a; rm -rf $(x) 'q'"]) == #"pull 'a; rm -rf $(x) '\''q'\'''"#)
    #expect(fill("cat ${containerd.configPath}") == "cat '/etc/a b.toml'")
  }

  @Test func leavesAPlaceholderThatCannotRun() {
    #expect(fill("pull ${image}") == "pull <IMAGE>")
    #expect(fill("x ${kubelet.configPath|/var/lib/kubelet/config.yaml}") == "x /var/lib/kubelet/config.yaml")
    #expect(fill("rm ${file}", ["file": "-rf"]) == "rm <FILE>")
    #expect(fill("rm ${file}", ["file": "a\nb"]) == "rm <FILE>")
    #expect(fill("rm ${file}", ["file": "a\u{202e}b"]) == "rm <FILE>")
  }

  @Test func takesWhatTheNodeShowsWhereNoLineNamesIt() {
    #expect(fill("modprobe ${module?modules.missing|x}") == "modprobe overlay")
    #expect(fill("modprobe ${module?modules.missing|x}", ["module": "vxlan"]) == "modprobe vxlan")
    #expect(fill("modprobe ${module?modules.other|x}") == "modprobe x")
    #expect(fill("modprobe ${module?modules.other}") == "modprobe <MODULE>")
  }

  @Test func leavesShellVariablesAlone() {
    #expect(fill("echo $HOME $(date)") == "echo $HOME $(date)")
    #expect(fill("echo ${open") == "echo ${open")
  }
}
