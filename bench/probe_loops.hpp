// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// The inner loops of the probes, per instruction set. Each returns a value that depends on all it did.
namespace ttx::bench {

/// Reads `lines` cache lines of 64 bytes, 16-byte aligned, as `streams` (1 or 4) streams that advance
/// together; what a division by `streams` leaves over is not read.
using ReadLines = float (*)(const float* from, std::size_t lines, int streams);
/// `rounds` times kChains independent operations on registers.
using Arithmetic = float (*)(std::int64_t rounds);

inline constexpr std::int64_t kChains = 24;

namespace generic {
float read_lines(const float* from, std::size_t lines, int streams);
float multiply_add(std::int64_t rounds);  ///< four lanes: a multiplication, then an addition
inline constexpr double kMultiplyAddFlops = 8.0;
}  // namespace generic

namespace avx2 {
float multiply_add(std::int64_t rounds);  ///< eight lanes, fused
inline constexpr double kMultiplyAddFlops = 16.0;
}  // namespace avx2

namespace avx512 {
float read_lines(const float* from, std::size_t lines, int streams);
float multiply_add(std::int64_t rounds);  ///< sixteen lanes, fused
inline constexpr double kMultiplyAddFlops = 32.0;
float dot_products(std::int64_t rounds);  ///< vdpbf16ps: sixteen lanes of two products and two additions
inline constexpr double kDotFlops = 64.0;
}  // namespace avx512

}  // namespace ttx::bench
