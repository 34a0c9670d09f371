// SPDX-License-Identifier: Apache-2.0

// Products in blocks of registers, and the packings they read.

// clang-format off
#include "kernels/blocked/products.ipp"
#include "kernels/blocked/pack.ipp"
#include "kernels/blocked/block_float_pack.ipp"
#include "kernels/blocked/linear_few.ipp"
#include "kernels/blocked/linear_many.ipp"
#include "kernels/blocked/block_float_exponents.ipp"
#include "kernels/blocked/block_float_few.ipp"
#include "kernels/blocked/block_float_many.ipp"
#include "kernels/blocked/attention_products.ipp"
// clang-format on
