// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/block_float.hpp"
#include "kernels/linear.hpp"
#include "runtime/compute_kernel_config.hpp"

/// A linear as the matrix unit computes it (matrix_unit.hpp). Then, if there is one, the bias is added as
/// Dst adds, and the packer writes bfloat16; also where the result is a term of a sum over devices, so that
/// out_f32 gets bfloat16 values. How K is cut for other meshes (LinearCall::blocks) means nothing here, and
/// x is read in rows always.
namespace ttx::device_numerics {

/// TTNN's config for bfloat16 activations where none is given.
inline constexpr ComputeKernelConfig kLinearConfig{MathFidelity::HiFi2, false};

void linear(const kernels::LinearCall& call, const ComputeKernelConfig& config);
void linear(const kernels::BlockFloatLinearCall& call, const ComputeKernelConfig& config);

}  // namespace ttx::device_numerics
