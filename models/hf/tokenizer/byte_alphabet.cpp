// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/byte_alphabet.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

constexpr std::size_t kBytes = 256;
constexpr std::size_t kCodePoints = 256 + 68;
constexpr std::int16_t kNone = -1;

struct Alphabet {
  std::array<char32_t, kBytes> of_byte{};
  std::array<std::int16_t, kCodePoints> of_code_point{};
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (auto& byte : alphabet.of_code_point) {
    byte = kNone;
  }
  char32_t next = 0x100;
  for (std::size_t byte = 0; byte < kBytes; ++byte) {
    const bool printable =
        (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    const char32_t code_point = printable ? static_cast<char32_t>(byte) : next++;
    alphabet.of_byte[byte] = code_point;
    alphabet.of_code_point[code_point] = static_cast<std::int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();
static_assert(kAlphabet.of_byte[' '] == 0x120 && kAlphabet.of_byte[0xAD] == 0x143);

}  // namespace

std::string bytes_to_alphabet(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 2);
  for (const char byte : text) {
    append_utf8(out, kAlphabet.of_byte[static_cast<unsigned char>(byte)]);
  }
  return out;
}

std::optional<std::string> alphabet_to_bytes(std::string_view token) {
  std::string bytes;
  bytes.reserve(token.size());
  std::size_t at = 0;
  while (at < token.size()) {
    const char32_t code_point = next_code_point(token, at);
    if (code_point >= kCodePoints || kAlphabet.of_code_point[code_point] == kNone) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(kAlphabet.of_code_point[code_point])));
  }
  return bytes;
}

}  // namespace ttx::hf
