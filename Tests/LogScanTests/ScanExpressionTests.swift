import Testing

@testable import LogScan

@Suite struct ScanExpressionTests {
  @Test(arguments: [
    ("kubelet.*unable to load bootstrap kubeconfig", "unable to load bootstrap kubeconfig"),
    (#"\b(kubelet|etcd)\.service: Main process exited"#, #"\.service: Main process exited"#),
    ("(one thing|other thing) of it.*x", "(one thing|other thing) of it"),
    // A single common word hits too often; what is optional or alternative is not sure.
    ("link (a|b)", "link (a|b)"), ("perhaps missing text?x", "perhaps missing tex"),
    ("first alternative|second", "first alternative|second"),
    (#"plugin "(?<name>[^"]+)" is"#, #"plugin \\*"(?<name>[^\n"]+)\\*" is"#),
  ]) func looksForTheMostTellingPart(_ expression: String, _ part: String) {
    #expect(Expression.scannable(expression) == part)
  }

  @Test(arguments: ["(", "[", "\\", "a{", "(?<", "[^", "((a)", ")", "a|", ""]) func neverTraps(_ expression: String) {
    _ = Expression.scannable(expression)
    _ = Expression.prepared(expression)
  }
}
