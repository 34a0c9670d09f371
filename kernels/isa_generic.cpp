// SPDX-License-Identifier: Apache-2.0
// Plain x86-64: no fused multiply-add, so a step of a pair goes through double, where the product is exact.
#include <xmmintrin.h>

#include "kernels/isa.hpp"

namespace ttx::kernels::generic {
namespace {

constexpr std::int64_t kRegisterLanes = 4;

// Each text rests on those above it.
// clang-format off
#include "kernels/text/base.ipp"
#include "kernels/generic/pairs.ipp"
#include "kernels/generic/pack.ipp"
#include "kernels/generic/linear.ipp"
#include "kernels/generic/block_float.ipp"
#include "kernels/generic/attention_products.ipp"
#include "kernels/text/ops.ipp"
// clang-format on

}  // namespace
}  // namespace ttx::kernels::generic

namespace ttx::kernels {

const Table& generic_table() {
  static constexpr Table kTable = generic::make_table(Isa::kGeneric);
  return kTable;
}

}  // namespace ttx::kernels
