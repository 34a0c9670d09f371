// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/bf16.hpp"

namespace ttx::kernels {

/// y = x * (1 / sqrt(mean(x^2) + epsilon)) * weight along each row, in fp32, rounded once. The sum of squares
/// has 16 partial sums, element j in lane j mod 16, added (i,i+8)(i,i+4)(i,i+2)(i,i+1).
struct RmsNormCall {
  const Bf16* x = nullptr;  ///< [rows][width], dense
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const Bf16* weight = nullptr;  ///< [width]
  float epsilon = 0.0F;
  Bf16* out = nullptr;  ///< [rows][width]
};

/// out = x * cos + rotate_half(x) * sin for `count` dense vectors of `width` (even), rotate_half(x) = [-x2 |
/// x1]; products and sum in fp32, rounded once. Vector i uses table row i when table_stride is width, row 0
/// when it is 0.
struct RotaryCall {
  const Bf16* x = nullptr;
  std::int64_t count = 0;
  std::int64_t width = 0;
  const Bf16* cos = nullptr;
  const Bf16* sin = nullptr;
  std::int64_t table_stride = 0;
  Bf16* out = nullptr;
};

/// out = op(a), op(a, b) or op(a, scalar) element by element, in fp32, rounded once. `out` may be a or b.
struct ElementwiseCall {
  const Bf16* a = nullptr;
  const Bf16* b = nullptr;  ///< of mul, mul_... and add
  float scalar = 0.0F;      ///< of mul_scalar; a denormal counts as zero
  std::int64_t count = 0;
  Bf16* out = nullptr;
};

/// The balanced tree over `count` (1 to 64) fp32 vectors of n elements: a power of two is halved, any other
/// count is cut at the largest power of two below it. Exactly one of out_f32 and out_bf16 is set; out_f32 may
/// be one of the parts.
struct TreeSumCall {
  const float* const* parts = nullptr;
  int count = 0;
  std::int64_t n = 0;
  float* out_f32 = nullptr;
  Bf16* out_bf16 = nullptr;
};

}  // namespace ttx::kernels
