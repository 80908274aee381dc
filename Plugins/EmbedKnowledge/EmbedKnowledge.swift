import Foundation
import PackagePlugin

/// Compiles `knowledge/` into the target that uses this plugin, whenever a file or a folder of it changes.
@main
struct EmbedKnowledge: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let knowledge = context.package.directoryURL.appending(path: "knowledge")
    let output = context.pluginWorkDirectoryURL.appending(path: "KnowledgeData.swift")
    var inputs = [knowledge]
    for path in try FileManager.default.subpathsOfDirectory(atPath: knowledge.path).sorted() {
      inputs.append(knowledge.appending(path: path))
    }
    return [
      .buildCommand(
        displayName: "Embedding knowledge/", executable: try context.tool(named: "embed-knowledge").url,
        arguments: [knowledge.path, output.path], inputFiles: inputs, outputFiles: [output])
    ]
  }
}
