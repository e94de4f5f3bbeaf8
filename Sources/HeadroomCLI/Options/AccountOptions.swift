// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The place of the account.
struct AccountOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The account is in this Redis: redis://[user[:password]@]host:port[/db], or unix:///path/to.sock. Default: the environment's HEADROOM_REDIS, which other users of the machine cannot read. \(RedisText.passwordHelp)",
            valueName: "address"))
    var redis: String?

    @Flag(help: "The account is in the memory of the one process.")
    var memory = false

    @Flag(help: "Nobody is asked: the same load without Headroom, to compare.")
    var uncoordinated = false

    /// The coordination that the options ask for.
    func coordination(backoff: Double) throws(OptionError) -> DriveOrder.Coordination {
        let given = [redis.map { _ in "--redis" }, memory ? "--memory" : nil, uncoordinated ? "--uncoordinated" : nil]
            .compactMap { $0 }
        guard given.count <= 1 else {
            throw OptionError("\(given.joined(separator: " and ")) exclude each other; give one")
        }
        if uncoordinated { return .none(backoffSeconds: backoff) }
        if memory { return .memory }
        guard let address = redis ?? RedisText.environment("HEADROOM_REDIS") else {
            throw OptionError(
                "where is the account? Give --redis ADDRESS (or set HEADROOM_REDIS), --memory, or --uncoordinated")
        }
        return .redis(try RedisText.checked(address))
    }
}
