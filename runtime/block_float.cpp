// SPDX-License-Identifier: Apache-2.0
#include "runtime/block_float.hpp"

#include <algorithm>
#include <bit>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr unsigned kSignificandBits = 24;

/// Bits of a number, the leading one included.
unsigned number_bits(DataType dtype) { return block_float_of(dtype) == kernels::BlockFloat::k8 ? 7 : 3; }

std::uint32_t exponent_of(std::uint32_t bits) { return bits >> 23U & 0xFFU; }

std::uint32_t pack_number(std::uint32_t bits, std::uint32_t exponent, unsigned kept) {
  const std::uint32_t distance = exponent - exponent_of(bits);
  if (bits << 1U == 0 || distance >= kSignificandBits) {
    return 0;
  }
  const std::uint32_t aligned = ((bits & 0x007FFFFFU) | 0x00800000U) >> distance;
  const unsigned dropped = kSignificandBits - kept;
  const std::uint32_t half = 1U << (dropped - 1);
  const std::uint32_t rest = aligned & (2 * half - 1);
  std::uint32_t number = aligned >> dropped;
  number += rest > half || (rest == half && number % 2 == 1) ? 1U : 0U;
  return std::min(number, (1U << kept) - 1);
}

float unpack_number(std::uint32_t number, std::uint32_t exponent, unsigned kept) {
  if (number == 0) {
    return 0.0F;
  }
  const auto missing = kept - static_cast<unsigned>(std::bit_width(number));  // of the leading one
  if (exponent <= missing) {
    return 0.0F;
  }
  const std::uint32_t significand = number << (kSignificandBits - kept + missing);
  return std::bit_cast<float>((exponent - missing) << 23U | (significand & 0x007FFFFFU));
}

}  // namespace

kernels::BlockFloat block_float_of(DataType dtype) {
  TTX_CHECK(is_block_float(dtype), "block_float", "got {}, expected BFLOAT8_B or BFLOAT4_B",
            to_string(dtype));
  return dtype == DataType::BFLOAT8_B ? kernels::BlockFloat::k8 : kernels::BlockFloat::k4;
}

BlockFloatGroup pack_block_float(std::span<const float, kBlockFloatGroup> values, DataType dtype) {
  const unsigned kept = number_bits(dtype);
  std::uint32_t exponent = 0;
  for (const float value : values) {
    exponent = std::max(exponent, exponent_of(std::bit_cast<std::uint32_t>(value)));
  }
  BlockFloatGroup group;
  group.exponent = static_cast<std::uint8_t>(exponent);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(values[i]);
    const std::uint32_t number = pack_number(bits, exponent, kept);
    const std::uint32_t sign = number == 0 ? 0 : bits >> 31U;
    group.codes[i] = static_cast<std::uint8_t>(sign << kept | number);
  }
  return group;
}

std::array<float, kBlockFloatGroup> unpack_block_float(const BlockFloatGroup& group, DataType dtype) {
  const unsigned kept = number_bits(dtype);
  std::array<float, kBlockFloatGroup> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t code = group.codes[i];
    const float magnitude = unpack_number(code & ((1U << kept) - 1), group.exponent, kept);
    values[i] = magnitude != 0.0F && (code >> kept) % 2 == 1 ? -magnitude : magnitude;
  }
  return values;
}

}  // namespace ttx
