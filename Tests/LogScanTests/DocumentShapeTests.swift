import Testing

@testable import LogScan

/// Documents quote failures; logs, events and the words of tools report them.
@Suite struct DocumentShapeTests {
  private func kind(_ text: String) -> Mention.TextKind { Array(text.utf8).withUnsafeBytes { Mention.kind(of: $0) } }

  static let configuration = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: notes
      namespace: kube-system
      annotations:
        note: running with swap on is not supported
    data:
      first: cni plugin not initialized
      second: "x"
    """
  static let rules = """
    - alert: Swap
      expr: node_swap > 0
      labels:
        severity: page
      annotations:
        summary: swap is on
        description: |
          the kubelet says running with swap on is not supported
          and ends
    - alert: Other
      expr: up == 0
    """
  static let jsonRules = """
    {
      "plugin": "kmsg",
      "logPath": "/dev/kmsg",
      "rules": [
        {
          "type": "temporary",
          "reason": "OOMKilling",
          "pattern": "Killed process"
        }
      ]
    }
    """
  static let code = """
    package kubelet

    import "fmt"

    func run() error {
      if swap {
        return fmt.Errorf("running with swap on is not supported")
      }
      return nil
    }
    """

  @Test func documentsAreNoLogs() {
    #expect(kind(Self.configuration) == .document)
    #expect(kind(Self.rules) == .rules)
    #expect(kind(Self.jsonRules) == .rules)
    #expect(kind(Self.code) == .document)
    #expect(kind("#!/bin/sh\ngrep 'running with swap on is not supported' log\n") == .document)
  }

  static let described = """
    Name:               node-1
    Roles:              <none>
    Labels:             beta.kubernetes.io/arch=amd64
                        kubernetes.io/os=linux
    Conditions:
      Type             Status  Reason            Message
      Ready            False   KubeletNotReady   cni plugin not initialized
    Addresses:
      InternalIP:  192.0.2.1
    """
  static let event = """
    apiVersion: v1
    kind: Event
    metadata:
      name: x
      namespace: default
    involvedObject:
      kind: Pod
      name: web
    reason: FailedCreatePodSandBox
    message: cni plugin not initialized
    type: Warning
    """

  @Test func reportsStayLogs() {
    #expect(kind(Self.described) == .log)
    #expect(kind(Self.event) == .log)
    #expect(kind("error: a\nerror: b\n- x: y\n") == .log)
    #expect(kind(#"{"ts":"2026-11-23T10:00:00Z","msg":"etcd failed"}"# + "\n") == .log)
    #expect(kind(String(repeating: "E1123 10:00:00.000000 1 x.go:1] key: value\n", count: 20)) == .log)
    #expect(kind("return: 1\n" + String(repeating: "error: failed to start\n", count: 20)) == .log)
  }
}
