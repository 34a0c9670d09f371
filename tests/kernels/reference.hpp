// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/linear.hpp"

/// The numbers of kernels/ written a second time: scalar, one operation per line, denormals flushed by hand,
/// no processor mode. The order of operations is that of the comments in kernels/*.hpp.
namespace ttx::reference {

using kernels::Bf16;

constexpr float kSmallestNormal = 0x1p-126F;

float widen(Bf16 value);
/// Nearest even, denormals to signed zero, NaN to 0x7FC0.
Bf16 round(float value);

float flush(float value);
/// IEEE results of flushed operands, flushed when tiny; tiny means below 2^-126 after rounding to 24 bits.
float fused(float a, float b, float c);
float product(float a, float b);
float sum(float a, float b);
float quotient(float a, float b);

/// acc = fma(even, fma(odd, acc)).
float pair_step(Bf16 x_even, Bf16 x_odd, Bf16 w_even, Bf16 w_odd, float acc);

/// The 16 partial sums, element j in lane j mod 16, added (i,i+8) (i,i+4) (i,i+2) (i,i+1).
float sum_of_lanes(const std::vector<float>& values);

/// ((v0+v1)+(v2+v3))+...; a count that is no power of two is cut at the largest power of two below it.
float tree(const std::vector<float>& values);

/// exp by the polynomial of kernels/text/exponential.ipp, and so the others.
float exponential(float x);
float hyperbolic_tangent(float x);
float normal_cdf(float x);

/// [m][n] of x [m][k] and w [n][k].
std::vector<float> linear(const std::vector<Bf16>& x, const std::vector<Bf16>& w, std::int64_t m,
                          std::int64_t n, std::int64_t k, const kernels::KBlocks& blocks);

}  // namespace ttx::reference
