// SPDX-License-Identifier: Apache-2.0

import Foundation

/// URLs as arguments.
enum URLText {
    /// - Throws: ``OptionError`` where the text is no http or https URL with a host.
    static func check(_ text: String) throws(OptionError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { throw OptionError("'\(text)' is not a URL such as https://api.example.com/path") }
    }
}
