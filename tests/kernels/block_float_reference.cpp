// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/block_float_reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ttx::reference {
namespace {

constexpr std::size_t kGroup = 16;

unsigned field_of(Bf16 value) { return value.bits >> 7U & 0xFFU; }

/// The magnitude in units of 2^(E - 133) (bfloat8_b) or 2^(E - 129), E being the shared exponent.
double in_units(Bf16 value, unsigned exponent, BlockFloat format) {
  const unsigned fraction = value.bits & 0x7FU;
  const bool zero = (value.bits & 0x7FFFU) == 0;
  const double significand = zero ? 0.0 : 1.0 + fraction / 128.0;
  const int distance = static_cast<int>(field_of(value)) - static_cast<int>(exponent);
  return std::ldexp(significand, distance + (format == BlockFloat::k8 ? 6 : 2));
}

int nearest_even(double value) {
  const double below = std::floor(value);
  const double rest = value - below;
  const bool odd = std::fmod(below, 2.0) != 0.0;
  return static_cast<int>(below) + (rest > 0.5 || (rest == 0.5 && odd) ? 1 : 0);
}

std::vector<Bf16> group_through(const std::vector<Bf16>& values, BlockFloat format) {
  const BlockFloatGroup group = block_float_group(values, format);
  std::vector<Bf16> out;
  for (const int number : group.numbers) {
    out.push_back(block_float_value(number, group.exponent, format));
  }
  return out;
}

}  // namespace

BlockFloatGroup block_float_group(const std::vector<Bf16>& values, BlockFloat format) {
  BlockFloatGroup group;
  for (const Bf16 value : values) {
    group.exponent = std::max(group.exponent, field_of(value));
  }
  for (const Bf16 value : values) {
    const int most = format == BlockFloat::k8 ? 127 : 7;
    const int number = std::min(most, nearest_even(in_units(value, group.exponent, format)));
    group.numbers.push_back((value.bits & 0x8000U) != 0 ? -number : number);
  }
  return group;
}

Bf16 block_float_value(int number, unsigned exponent, BlockFloat format) {
  // With the leading one in bit 6.
  int magnitude = std::abs(number) * (format == BlockFloat::k8 ? 1 : 16);
  if (magnitude == 0) {
    return {0};
  }
  int field = static_cast<int>(exponent);
  while (magnitude < 64) {
    magnitude *= 2;
    --field;
  }
  if (field <= 0) {
    return {0};
  }
  const unsigned sign = number < 0 ? 0x8000U : 0U;
  return {static_cast<std::uint16_t>(sign | static_cast<unsigned>(field) << 7U |
                                     static_cast<unsigned>(magnitude - 64) << 1U)};
}

std::vector<Bf16> through_block_float(const std::vector<Bf16>& values, std::int64_t width,
                                      BlockFloat format) {
  std::vector<Bf16> out;
  for (std::size_t row = 0; row < values.size(); row += static_cast<std::size_t>(width)) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(width); i += kGroup) {
      const std::size_t end = row + std::min(i + kGroup, static_cast<std::size_t>(width));
      const std::vector<Bf16> part(values.begin() + static_cast<std::ptrdiff_t>(row + i),
                                   values.begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<Bf16> rounded = group_through(part, format);
      out.insert(out.end(), rounded.begin(), rounded.end());
    }
  }
  return out;
}

std::vector<Bf16> weight_through_block_float(const std::vector<Bf16>& w, std::int64_t n, std::int64_t k,
                                             BlockFloat format) {
  std::vector<Bf16> out(w.size());
  const auto at = [k](std::int64_t column, std::int64_t i) {
    return static_cast<std::size_t>(column * k + i);
  };
  for (std::int64_t i = 0; i < k; ++i) {
    std::vector<Bf16> row;
    for (std::int64_t column = 0; column < n; ++column) {
      row.push_back(w[at(column, i)]);
    }
    const std::vector<Bf16> rounded = through_block_float(row, n, format);
    for (std::int64_t column = 0; column < n; ++column) {
      out[at(column, i)] = rounded[static_cast<std::size_t>(column)];
    }
  }
  return out;
}

}  // namespace ttx::reference
