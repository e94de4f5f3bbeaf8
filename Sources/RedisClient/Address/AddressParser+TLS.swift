// SPDX-License-Identifier: Apache-2.0

// Addresses whose scheme wants TLS, and their parameters.
extension AddressParser {
    /// The scheme in the words of Redis, without its TLS, and whether it has that. `valkey://` is `redis://`.
    static func separate(_ scheme: String?) -> (base: String?, wantsTLS: Bool) {
        guard let scheme else { return (nil, false) }
        let end = scheme.firstIndex { $0 == "+" || $0 == "-" } ?? scheme.endIndex
        return switch scheme[..<end] {
        case "redis", "valkey": ("redis\(scheme[end...])", false)
        case "rediss", "valkeys": ("redis\(scheme[end...])", true)
        default: (scheme, false)
        }
    }

    func requireTLS() throws(AddressError) {
        guard !TLSSettings.isBuiltIn else { return }
        throw error(
            .unsupported,
            "TLS was not built in; name the package with traits: [\"TLS\"], which needs OpenSSL (libssl-dev), "
                + "or use redis:// to a local stunnel that checks the server (deploy/stunnel.conf)")
    }

    /// Takes the parameters of TLS out of a query. Its settings are `nil` if the scheme wants no TLS.
    func takeTLS(_ query: Substring?) throws(AddressError) -> (rest: Substring?, settings: TLSSettings?) {
        guard wantsTLS, let query else { return (query, wantsTLS ? TLSSettings() : nil) }
        var (settings, rest) = (TLSSettings(), [Substring]())
        for parameter in query.split(separator: "&") {
            let (name, value) = Self.split(parameter, first: "=")
            guard let field = Self.fields[String(name)] else {
                rest.append(parameter)
                continue
            }
            guard settings[keyPath: field] == nil else { throw error(.query, "\(name) is named once") }
            settings[keyPath: field] = try parameterText(name, value)
        }
        guard (settings.certificateFile == nil) == (settings.keyFile == nil) else {
            throw error(.query, "cert and key go together: a certificate of one's own, and its key")
        }
        return (rest.isEmpty ? nil : Substring(rest.joined(separator: "&")), settings)
    }

    /// The parameters that this address may have: for messages.
    func parameterNames(_ others: String) -> String {
        "the parameters are \(others)" + (wantsTLS ? ", cacert, cert, key and server-name" : "")
    }

    private static var fields: [String: WritableKeyPath<TLSSettings, String?>] {
        [
            "cacert": \.authorityFile, "cert": \.certificateFile, "key": \.keyFile, "server-name": \.serverName,
        ]
    }

    private func parameterText(_ name: Substring, _ value: Substring?) throws(AddressError) -> String {
        guard let text = value.flatMap(PercentEncoding.decode), !text.isEmpty, !text.utf8.contains(0) else {
            throw error(
                .query, "\(name) has no value, or a malformed one; write %25 for a %, %26 for a & and %40 for a @")
        }
        let isName = text.utf8.count <= 255 && text.utf8.allSatisfy(RedisEndpoint.isOfHost)
        guard name != "server-name" || isName else {
            throw error(.query, "server-name is the host or IP address that the server's certificate is for")
        }
        return text
    }
}
