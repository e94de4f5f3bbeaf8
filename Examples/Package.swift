// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

// A package as a user's would be: it sees what Headroom makes public, and no more. `Scripts/examples` builds and runs
// it.

import PackageDescription

let package = Package(
    name: "headroom-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "headroom", path: ".."),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
    ],
    targets: [
        // The least that a worker links.
        .executableTarget(
            name: "Worker",
            dependencies: [
                .product(name: "Headroom", package: "headroom"),
                .product(name: "HeadroomRedis", package: "headroom"),
            ],
            path: "Worker"),
        // A vendor with other headers, in one file.
        .executableTarget(
            name: "OtherVendor",
            dependencies: [
                .product(name: "Headroom", package: "headroom"),
                .product(name: "HeadroomURLSession", package: "headroom"),
                .product(name: "FlyingFox", package: "FlyingFox"),
            ],
            path: "OtherVendor"),
        // Another HTTP client, with an adapter of twenty lines.
        .executableTarget(
            name: "OtherClient",
            dependencies: [
                .product(name: "Headroom", package: "headroom"),
                .product(name: "KeapSimulator", package: "headroom"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ],
            path: "OtherClient"),
    ],
    swiftLanguageModes: [.v6]
)
