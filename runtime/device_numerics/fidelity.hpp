// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/compute_kernel_config.hpp"
#include "runtime/device_numerics/rounding.hpp"

/// Math fidelity (ISA documentation, MVMUL; tt-metal, tech_reports/matrix_engine). A multiplier takes 5
/// significant bits of operand 1 (SrcA: weights, keys, values) and 7 of operand 0 (SrcB: activations,
/// queries, probabilities), the leading one among them, at a time. So an operand falls in two parts by the
/// bits of its significand, high + low = the operand, and a phase multiplies one part of each:
///
///   phase      0            1            2            3
///   operand 0  high         high         low          low
///   operand 1  high         low          high         low
///
///   LoFi   runs phase 0:       a_high * w_high
///   HiFi2  runs phases 0, 1:   a_high * w
///   HiFi3  runs phases 0 to 2: a_high * w + a_low * w_high
///   HiFi4  runs all four:      a * w
///
/// Of the 8 significant bits of a bfloat16, operand 1's high part has the first 5 (bits & 0xFFF8) and operand
/// 0's the first 7 (bits & 0xFFFE). Open: infinities and NaN. Here their high part is all of them.
namespace ttx::device_numerics {

struct Parts {
  float high = 0.0F;
  float low = 0.0F;
};

/// `mask` leaves the high part of a bfloat16's bits.
inline Parts parts_of(bfloat16 x, std::uint16_t mask) {
  const float whole = operand(x);
  if ((x.bits & 0x7F80U) == 0x7F80U) {
    return {whole, 0.0F};
  }
  const float high = operand({static_cast<std::uint16_t>(x.bits & mask)});
  return {high, whole - high};
}

inline constexpr std::uint16_t kOperand0High = 0xFFFE;
inline constexpr std::uint16_t kOperand1High = 0xFFF8;

inline Parts operand0_parts(bfloat16 x) { return parts_of(x, kOperand0High); }
inline Parts operand1_parts(bfloat16 x) { return parts_of(x, kOperand1High); }

/// How many phases run.
constexpr int phase_count(MathFidelity fidelity) { return static_cast<int>(fidelity) + 1; }
/// Which part of an operand a phase takes.
constexpr bool takes_low_operand0(int phase) { return (phase & 2) != 0; }
constexpr bool takes_low_operand1(int phase) { return (phase & 1) != 0; }

}  // namespace ttx::device_numerics
