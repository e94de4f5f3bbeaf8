// SPDX-License-Identifier: Apache-2.0

import CBaselines

/// Commands as C takes them, made before the clock starts.
final class CommandList {
    let count: Int
    let commands: UnsafeMutablePointer<baseline_command>
    private let bytes: UnsafeMutablePointer<CChar>
    private let words: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let lengths: UnsafeMutablePointer<Int>

    init(_ list: [[[UInt8]]]) {
        count = list.count
        let all = list.reduce(0) { $0 + $1.count }
        commands = .allocate(capacity: max(1, count))
        bytes = .allocate(capacity: max(1, list.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }))
        words = .allocate(capacity: max(1, all))
        lengths = .allocate(capacity: max(1, all))
        var (byte, word) = (0, 0)
        for (index, parts) in list.enumerated() {
            commands[index] = baseline_command(count: Int32(parts.count), words: words + word, lengths: lengths + word)
            for part in parts {
                words[word] = UnsafePointer(bytes + byte)
                lengths[word] = part.count
                for value in part {
                    bytes[byte] = CChar(bitPattern: value)
                    byte += 1
                }
                word += 1
            }
        }
    }

    deinit {
        commands.deallocate()
        bytes.deallocate()
        words.deallocate()
        lengths.deallocate()
    }
}
