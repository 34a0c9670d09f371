// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/byte_fallback.hpp"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Hexadecimal digits of either case, or one behind a plus sign: what Rust reads as a number.
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>')) {
    return std::nullopt;
  }
  std::string_view digits = token.substr(3, 2);
  if (digits.front() == '+') {
    digits.remove_prefix(1);
  }
  unsigned value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value, 16);
  return problem == std::errc() && stop == end ? std::optional(static_cast<char>(value)) : std::nullopt;
}

}  // namespace

std::vector<std::string> decode_byte_fallback(const std::vector<std::string>& tokens) {
  std::vector<std::string> texts;
  std::string run;
  const auto end_run = [&] {
    if (first_invalid_utf8(run) == std::string_view::npos) {
      if (!run.empty()) {
        texts.push_back(run);
      }
    } else {
      texts.insert(texts.end(), run.size(), std::string(kReplacement));
    }
    run.clear();
  };
  for (const std::string& token : tokens) {
    if (const auto byte = byte_of(token)) {
      run += *byte;
    } else {
      end_run();
      texts.push_back(token);
    }
  }
  end_run();
  return texts;
}

}  // namespace ttx::hf
