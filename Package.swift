// swift-tools-version: 6.1
import PackageDescription

// KDOCTOR_STATIC=1 leaves libsystemd out, which has no static library: `make static` sets it.
let withSystemd = Context.environment["KDOCTOR_STATIC"] == nil

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The closure of a static library is spelled out in link order, after the library itself.
/// The C++ library is named in full in the static build, because SwiftPM moves a name that CTOML also asks for before it.
let vectorscan: [LinkerSetting] = [
  .linkedLibrary(":libhs.a"), .linkedLibrary(withSystemd ? "stdc++" : ":libstdc++.a"), .linkedLibrary("m"),
]
/// Whoever needs one of them names the whole list: SwiftPM would move a name that stands alone before libarchive.
let archive: [LinkerSetting] = [
  ":libarchive.a", ":libnettle.a", ":libacl.a", ":liblzma.a", ":libbz2.a", ":libz.a", ":libzstd.a", ":liblz4.a",
].map { .linkedLibrary($0) }

let package = Package(
  name: "kdoctor",
  products: [.executable(name: "kdoctor", targets: ["kdoctor"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CVectorscan"),
    .systemLibrary(name: "CPCRE2"),
    .systemLibrary(name: "CArchive"),
    .systemLibrary(name: "CYaml"),
    .systemLibrary(name: "CNGHTTP2"),
    .systemLibrary(name: "CNettle"),
    .systemLibrary(name: "CZstd"),
    .systemLibrary(name: "CZlib"),
    .target(
      name: "YAMLTree", dependencies: ["CYaml"], swiftSettings: settings,
      linkerSettings: [.linkedLibrary(":libyaml.a")]),
    .target(name: "Model", swiftSettings: settings),
    .target(name: "CSupport"),
    .target(name: "CTOML", linkerSettings: [.linkedLibrary("stdc++")]),
    .target(
      name: "PublicKeys", dependencies: ["CNettle"], swiftSettings: settings, linkerSettings: archive),
    .target(
      name: "Collectors", dependencies: ["Model", "YAMLTree", "CTOML", "PublicKeys", "CZlib"], swiftSettings: settings,
      linkerSettings: archive),
    .target(
      name: "Redaction", dependencies: ["PublicKeys", "CVectorscan"], swiftSettings: settings,
      linkerSettings: vectorscan),
    .target(
      name: "NodeAccess",
      dependencies: ["Model", "CArchive", "CNGHTTP2", "CSupport"] + (withSystemd ? ["CSystemd"] : []),
      swiftSettings: settings + (withSystemd ? [.define("LIBSYSTEMD")] : []),
      linkerSettings: archive + [.linkedLibrary(":libnghttp2.a")]),
    .target(
      name: "LogScan", dependencies: ["Model", "CVectorscan", "CPCRE2"], swiftSettings: settings,
      linkerSettings: vectorscan + [.linkedLibrary(":libpcre2-8.a")]),
    .target(name: "Knowledge", dependencies: ["Model", "YAMLTree", "LogScan"], swiftSettings: settings),
    .target(
      name: "EmbeddedKnowledge", dependencies: ["CZstd"], swiftSettings: settings, linkerSettings: archive,
      plugins: ["EmbedKnowledge"]),
    .target(name: "Bundles", dependencies: ["Model", "NodeAccess"], swiftSettings: settings),
    .target(name: "Reports", dependencies: ["Model"], swiftSettings: settings),
    .executableTarget(
      name: "kdoctor",
      dependencies: [
        "Model", "NodeAccess", "LogScan", "Knowledge", "EmbeddedKnowledge", "Reports", "YAMLTree",
        "Collectors", "CSupport", "Bundles", "Redaction",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "embed-knowledge", dependencies: ["Knowledge", "LogScan", "Model", "YAMLTree", "CZstd"],
      swiftSettings: settings, linkerSettings: archive),
    .plugin(name: "EmbedKnowledge", capability: .buildTool(), dependencies: ["embed-knowledge"]),
    .testTarget(name: "YAMLTreeTests", dependencies: ["YAMLTree"], swiftSettings: settings),
    .testTarget(name: "LogScanTests", dependencies: ["LogScan", "Model"], swiftSettings: settings),
    .testTarget(
      name: "KnowledgeTests",
      dependencies: ["Knowledge", "EmbeddedKnowledge", "LogScan", "Model", "YAMLTree"],
      exclude: ["Programs.tsv"], swiftSettings: settings),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "Model"], swiftSettings: settings),
    .testTarget(name: "BundlesTests", dependencies: ["Bundles", "Model", "NodeAccess"], swiftSettings: settings),
    .testTarget(
      name: "CollectorsTests", dependencies: ["Collectors", "Model", "NodeAccess", "PublicKeys"],
      swiftSettings: settings),
    .testTarget(name: "RedactionTests", dependencies: ["Redaction", "PublicKeys"], swiftSettings: settings),
    .testTarget(name: "NodeAccessTests", dependencies: ["NodeAccess", "Model"], swiftSettings: settings),
    .testTarget(name: "EndToEndTests", dependencies: ["kdoctor"], swiftSettings: settings),
  ] + (withSystemd ? [.systemLibrary(name: "CSystemd")] : []),
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
