// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ttx::hf {

/// GPT-2's byte alphabet: every byte has one printable character. Bytes 33-126, 161-172 and 174-255 are the
/// code points of the same number; the other 68, ascending, are U+0100, U+0101, ... (a space is U+0120).

/// Each byte of `text` as its character, in UTF-8.
std::string bytes_to_alphabet(std::string_view text);

/// The bytes that `token` (UTF-8) stands for; nothing when it holds a character outside the alphabet.
std::optional<std::string> alphabet_to_bytes(std::string_view token);

}  // namespace ttx::hf
