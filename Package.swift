// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "headroom",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Headroom", targets: ["Headroom"]),
        .library(name: "HeadroomRedis", targets: ["HeadroomRedis"]),
        .library(name: "HeadroomURLSession", targets: ["HeadroomURLSession"]),
        .library(name: "HeadroomTesting", targets: ["HeadroomTesting"]),
        .library(name: "KeapSimulator", targets: ["KeapSimulator"]),
        .executable(name: "headroom", targets: ["HeadroomCLI"]),
        .executable(name: "keap-simulator", targets: ["KeapSimulatorCLI"]),
    ],
    traits: [
        .trait(name: "TLS", description: "rediss:// addresses: TLS to Redis, through OpenSSL (libssl-dev).")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        // Without its default trait, which brings FoundationEssentials.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
    ],
    targets: [
        // What every target may use: a lock, a queue, a seeded generator. Nothing of Headroom's meaning.
        .target(name: "HeadroomSupport"),

        // The library: rules of account, coordinator, vendor. No C, no Foundation, no HTTP client.
        .target(
            name: "Headroom",
            dependencies: [
                "HeadroomSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .systemLibrary(
            name: "CHiredis",
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "COpenSSL",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        // A client of Redis, for this package alone. Knows nothing of Headroom.
        .target(
            name: "RedisClient",
            dependencies: [
                "HeadroomSupport", "CHiredis", .target(name: "COpenSSL", condition: .when(traits: ["TLS"])),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "HeadroomRedis",
            dependencies: [
                "Headroom", "HeadroomSupport", "RedisClient", .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("Lua")]),
        .target(
            name: "HeadroomURLSession",
            dependencies: ["Headroom", "HeadroomSupport"]),
        .target(
            name: "HeadroomTesting",
            dependencies: ["Headroom", "HeadroomSupport"]),

        // The vendor, to test integrations against.
        .target(
            name: "KeapSimulator",
            dependencies: ["Headroom", "HeadroomSupport", .product(name: "FlyingFox", package: "FlyingFox")]),

        // Programs, and what they share: tables, numbers, colours, signals, other processes.
        .target(name: "CommandLine", dependencies: ["HeadroomSupport"]),
        .executableTarget(
            name: "HeadroomCLI",
            dependencies: [
                "CommandLine", "Headroom", "HeadroomRedis", "HeadroomSupport", "HeadroomURLSession", "RedisClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "KeapSimulatorCLI",
            dependencies: [
                "CommandLine", "KeapSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Measurements: no products. Built where asked for, and by the tests.
        .target(name: "BenchmarkHarness", dependencies: ["CommandLine"], path: "Sources/Benchmarks/Harness"),
        .target(
            name: "CBaselines", dependencies: ["CHiredis"], path: "Sources/Benchmarks/CBaselines",
            linkerSettings: [.linkedLibrary("hiredis")]),
        .executableTarget(
            name: "headroom-bench",
            dependencies: [
                "BenchmarkHarness", "CBaselines", "CommandLine", "Headroom", "HeadroomRedis", "HeadroomSupport",
                "HeadroomURLSession", "KeapSimulator", "RedisClient", "RedisTestServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Benchmarks/Program"),

        // Hours of calls while things break. No product, as above.
        .executableTarget(
            name: "Soak",
            dependencies: [
                "CommandLine", "Headroom", "HeadroomRedis", "HeadroomSupport", "HeadroomURLSession", "KeapSimulator",
                "RedisTestServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // Tests. RedisTestServer starts and stops real servers for the others.
        .target(
            name: "RedisTestServer", dependencies: ["HeadroomSupport", "RedisClient"], path: "Tests/RedisTestServer"),
        // TestClock turns time by hand, and knows when all tasks wait for it.
        .target(name: "CIdleTasks", path: "Tests/CIdleTasks"),
        .target(
            name: "TestClock", dependencies: ["CIdleTasks", "Headroom", "HeadroomSupport", "HeadroomTesting"],
            path: "Tests/TestClock"),
        .testTarget(
            name: "HeadroomTests",
            dependencies: [
                "Headroom", "HeadroomSupport", "HeadroomTesting", "TestClock",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Vendor/Captures")]),
        .testTarget(
            name: "RedisClientTests",
            dependencies: ["HeadroomSupport", "HeadroomTesting", "RedisClient", "RedisTestServer"]),
        .testTarget(
            name: "HeadroomRedisTests",
            dependencies: [
                "HeadroomRedis", "HeadroomSupport", "HeadroomTesting", "KeapSimulator", "RedisClient",
                "RedisTestServer", "TestClock",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "HeadroomURLSessionTests",
            dependencies: ["HeadroomURLSession", "HeadroomSupport", "HeadroomTesting", "KeapSimulator"]),
        // The form of the repository's own text.
        .testTarget(name: "TidyTests"),
        .testTarget(name: "KeapSimulatorTests", dependencies: ["HeadroomSupport", "KeapSimulator"]),
        .testTarget(name: "CommandLineTests", dependencies: ["CommandLine"]),
        .testTarget(name: "BenchmarksTests", dependencies: ["BenchmarkHarness", "CommandLine", "headroom-bench"]),
        .testTarget(name: "SoakTests", dependencies: ["CommandLine", "Soak"]),
        .testTarget(
            name: "HeadroomCLITests",
            dependencies: [
                "CommandLine", "Headroom", "HeadroomCLI", "HeadroomRedis", "HeadroomSupport", "HeadroomTesting",
                "KeapSimulator", "RedisClient", "RedisTestServer",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
        ]
}
