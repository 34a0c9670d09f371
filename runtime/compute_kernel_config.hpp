// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ttx {

/// How many of the four products of halves of its operands the matrix unit adds up
/// (runtime/device_numerics/fidelity.hpp).
enum class MathFidelity { LoFi, HiFi2, HiFi3, HiFi4 };

/// What a bring-up asks of the units of a device for one op, under TTNN's names. Numerics::kExact, which is
/// better than all of them, takes no notice.
struct ComputeKernelConfig {
  MathFidelity math_fidelity = MathFidelity::HiFi2;
  bool fp32_dest_acc_en = false;  ///< sums in fp32 instead of bfloat16
};

}  // namespace ttx
