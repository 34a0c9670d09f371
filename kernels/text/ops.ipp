// SPDX-License-Identifier: Apache-2.0

// What every instruction set ends with: ops over the products and packings before it, and the table of all.

// clang-format off
#include "kernels/text/softmax.ipp"
#include "kernels/text/attention.ipp"
#include "kernels/text/cache.ipp"
#include "kernels/text/rms_norm.ipp"
#include "kernels/text/rotary.ipp"
#include "kernels/text/elementwise.ipp"
#include "kernels/text/tree_sum.ipp"
#include "kernels/text/convert.ipp"
#include "kernels/text/functions.ipp"
#include "kernels/text/block_float_pack.ipp"
#include "kernels/text/entries.ipp"
// clang-format on
