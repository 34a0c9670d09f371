// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/block_float.hpp"

/// The block floats written a second time, in whole numbers and double, one value at a time.
namespace ttx::reference {

using kernels::Bf16;
using kernels::BlockFloat;

/// Sixteen values that share an exponent.
struct BlockFloatGroup {
  unsigned exponent = 0;
  std::vector<int> numbers;  ///< with sign; of bfloat4_b up to 7
};

/// The rule of the format for bf16: the greatest exponent field, then |v| * 2^(133 - E), or 2^(129 - E), to
/// nearest even, at most 127, or 7. A denormal counts as if it had the leading one of a normal value.
BlockFloatGroup block_float_group(const std::vector<Bf16>& values, BlockFloat format);
/// number * 2^(E - 133), or 2^(E - 129), +0 below 2^-126; with E = 255 by the bits that the format gives it.
Bf16 block_float_value(int number, unsigned exponent, BlockFloat format);

/// Rows of `width` values, each cut into groups of 16, through the format and back.
std::vector<Bf16> through_block_float(const std::vector<Bf16>& values, std::int64_t width, BlockFloat format);
/// The same for a weight [n][k], whose groups are 16 columns at one k.
std::vector<Bf16> weight_through_block_float(const std::vector<Bf16>& w, std::int64_t n, std::int64_t k,
                                             BlockFloat format);

}  // namespace ttx::reference
