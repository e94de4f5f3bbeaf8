// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
    /// Crosses threads: runs again under the thread sanitizer.
    @Tag static var threads: Self
    /// Touches C: runs again under the address sanitizer.
    @Tag static var memory: Self
    /// Depends on what kind of server it is: runs again with others, by Scripts/test-servers.
    @Tag static var servers: Self
}
