// SPDX-License-Identifier: Apache-2.0

// What every instruction set begins with.

// clang-format off
#include "kernels/text/float_mode.ipp"
#include "kernels/text/lanes.ipp"
#include "kernels/text/blocks.ipp"
#include "kernels/text/exponential.ipp"
#include "kernels/text/hyperbolic_tangent.ipp"
#include "kernels/text/normal_cdf.ipp"
#include "kernels/text/block_float.ipp"
// clang-format on
