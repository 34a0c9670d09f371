// SPDX-License-Identifier: Apache-2.0
// AVX2 with FMA: sixteen registers of eight lanes.
#include <immintrin.h>
#include <type_traits>

#include "kernels/isa.hpp"

namespace ttx::kernels::avx2 {
namespace {

constexpr std::int64_t kRegisterLanes = 8;
constexpr int kMostSums = 12;

// Each text rests on those above it.
// clang-format off
#include "kernels/text/base.ipp"
#include "kernels/blocked/registers.ipp"
#include "kernels/avx2/registers.ipp"
#include "kernels/blocked/fused_steps.ipp"
#include "kernels/blocked/rows.ipp"
#include "kernels/blocked/fused_rows.ipp"
#include "kernels/avx2/block_float.ipp"
#include "kernels/blocked/fused_block_float.ipp"
#include "kernels/blocked/products_and_packing.ipp"
#include "kernels/text/ops.ipp"
// clang-format on

}  // namespace
}  // namespace ttx::kernels::avx2

namespace ttx::kernels {

const Table& avx2_table() {
  static constexpr Table kTable = avx2::make_table(Isa::kAvx2);
  return kTable;
}

}  // namespace ttx::kernels
