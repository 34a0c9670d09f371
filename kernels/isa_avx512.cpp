// SPDX-License-Identifier: Apache-2.0
// AVX-512 without BF16: thirty-two registers of sixteen lanes.
#include <immintrin.h>
#include <type_traits>

#include "kernels/isa.hpp"

namespace ttx::kernels::avx512 {
namespace {

constexpr std::int64_t kRegisterLanes = 16;
constexpr int kMostSums = 24;

// Each text rests on those above it.
// clang-format off
#include "kernels/text/base.ipp"
#include "kernels/blocked/registers.ipp"
#include "kernels/avx512/registers.ipp"
#include "kernels/blocked/fused_steps.ipp"
#include "kernels/avx512/multiply_add.ipp"
#include "kernels/blocked/rows.ipp"
#include "kernels/blocked/fused_rows.ipp"
#include "kernels/avx512/block_float.ipp"
#include "kernels/blocked/fused_block_float.ipp"
#include "kernels/blocked/products_and_packing.ipp"
#include "kernels/text/ops.ipp"
// clang-format on

}  // namespace
}  // namespace ttx::kernels::avx512

namespace ttx::kernels {

const Table& avx512_table() {
  static constexpr Table kTable = avx512::make_table(Isa::kAvx512);
  return kTable;
}

}  // namespace ttx::kernels
