// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ttx::hf {

/// The normalization forms of Unicode (UAX 15).
enum class UnicodeForm : std::uint8_t { kNfc, kNfd, kNfkc, kNfkd };

/// The form by its name, "NFC"; nothing for any other name.
std::optional<UnicodeForm> unicode_form(std::string_view name);

/// `text` (well-formed UTF-8 of at most 1 GiB) in a normalization form.
///
/// The tokenizers library normalizes by Unicode 9.0 (its unicode-normalization-alignments crate): a character
/// that is younger neither decomposes, composes nor changes places. So does this function.
std::string to_unicode_form(UnicodeForm form, std::string_view text);

}  // namespace ttx::hf
