// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/rows.hpp"

/// The ops on rows and elements, called as the kernels of the same names (tt-metal, ttnn/cpp/ttnn/operations:
/// normalization/rmsnorm, experimental/transformer/rotary_embedding, eltwise).
///   - elementwise: computed in fp32, the packer rounds once. Open: the tables and polynomials behind silu,
///     gelu and tanh; here they are the functions themselves.
///   - rms_norm: HiFi4, Dst of bfloat16, intermediates bfloat16. Open is where the intermediates are; here
///     each of these is rounded once: x^2, the mean, mean + epsilon, 1/sqrt, x times that, times weight. The
///     squares are summed as the matrix unit sums (matrix_unit.hpp): 16 at a time, in order, into Dst.
///   - rotary: HiFi4; x * cos, rotate_half(x) * sin and their sum are tiles of bfloat16, each rounded once.
namespace ttx::device_numerics {

void rms_norm(const kernels::RmsNormCall& call);
void rotary(const kernels::RotaryCall& call);

void silu(const kernels::ElementwiseCall& call);
void gelu_tanh(const kernels::ElementwiseCall& call);
void gelu_erf(const kernels::ElementwiseCall& call);
void relu(const kernels::ElementwiseCall& call);
void tanh(const kernels::ElementwiseCall& call);
void square(const kernels::ElementwiseCall& call);
void mul(const kernels::ElementwiseCall& call);
void mul_scalar(const kernels::ElementwiseCall& call);
void add(const kernels::ElementwiseCall& call);

}  // namespace ttx::device_numerics
