// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ttx::hf {

/// Tokens that each name a byte, <0xE2>, back to text: a run of them that is well-formed UTF-8 becomes that
/// text, of any other run each token becomes U+FFFD. Other tokens stay.
std::vector<std::string> decode_byte_fallback(const std::vector<std::string>& tokens);

}  // namespace ttx::hf
