// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The public declarations of modules, read from symbol graphs: what `Scripts/api` lists.
///
/// A declaration counts if a source file of the module states it. Members that the compiler derives have no place in a
/// file, and members inherited from protocols are left out when the graphs are made.
@main
enum PublicInterface {
    /// Arguments: a folder for each module, named as the module, with its symbol graphs.
    static func main() throws {
        var modules: [(name: String, lines: [String])] = []
        for path in CommandLine.arguments.dropFirst() {
            let folder = URL(fileURLWithPath: path)
            modules.append((folder.lastPathComponent, try lines(of: folder)))
        }
        let total = modules.map(\.lines.count).reduce(0, +)
        print("Public declarations that the sources state: \(total) in all. Scripts/api writes this list.")
        for module in modules {
            print("\n\(module.name): \(module.lines.count)")
            for line in module.lines { print("  \(line)") }
        }
    }

    private static func lines(of folder: URL) throws -> [String] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.path.hasSuffix(".symbols.json") }
        guard !files.isEmpty else { throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: folder.path]) }
        return
            try files
            .flatMap { try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: $0)).symbols }
            .filter { $0.location != nil && $0.kind.identifier != "swift.extension" }
            .map { (path: $0.pathComponents, text: "\($0.word) \($0.pathComponents.joined(separator: "."))") }
            .sorted { ($0.path.joined(separator: " "), $0.text) < ($1.path.joined(separator: " "), $1.text) }
            .map(\.text)
    }
}

/// What is read of a symbol graph.
private struct SymbolGraph: Decodable {
    struct Symbol: Decodable {
        struct Kind: Decodable { let identifier: String }
        struct Location: Decodable { let uri: String }

        let kind: Kind
        let pathComponents: [String]
        let location: Location?

        /// The declaration's kind as a source writes it.
        var word: String {
            switch kind.identifier {
            case "swift.property": "var"
            case "swift.type.property": "static var"
            case "swift.method", "swift.func": "func"
            case "swift.type.method": "static func"
            case "swift.func.op": "operator"
            case "swift.enum.case": "case"
            default: String(kind.identifier.drop { $0 != "." }.dropFirst())
            }
        }
    }

    let symbols: [Symbol]
}
