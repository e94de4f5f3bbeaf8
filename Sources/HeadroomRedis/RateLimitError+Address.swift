// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

extension RateLimitError {
    /// Why the address of a Redis cannot be used: the address, with what may be a password left out, and what would be
    /// right.
    init(_ error: AddressError) { self.init(.invalidAddress, error.description, underlying: error) }
}
