// SPDX-License-Identifier: Apache-2.0
// AVX-512 with BF16 and VBMI: vdpbf16ps is the pair rule itself, vcvtneps2bf16 the rounding, vpermi2b looks
// the numbers of block floats up.
#include <immintrin.h>

#define TTX_ROUNDS_NATIVELY  // for kernels/text/lanes.ipp

#include "kernels/isa.hpp"

namespace ttx::kernels::avx512_bf16 {
namespace {

constexpr std::int64_t kRegisterLanes = 16;
constexpr int kMostSums = 24;

// Each text rests on those above it.
// clang-format off
#include "kernels/text/base.ipp"
#include "kernels/blocked/registers.ipp"
#include "kernels/avx512/registers.ipp"
#include "kernels/avx512_bf16/dot_step.ipp"
#include "kernels/blocked/rows.ipp"
#include "kernels/avx512_bf16/dot_rows.ipp"
#include "kernels/avx512/block_float.ipp"
#include "kernels/avx512_bf16/dot_block_float.ipp"
#include "kernels/blocked/products_and_packing.ipp"
#include "kernels/text/ops.ipp"
// clang-format on

}  // namespace
}  // namespace ttx::kernels::avx512_bf16

namespace ttx::kernels {

const Table& avx512_bf16_table() {
  static constexpr Table kTable = avx512_bf16::make_table(Isa::kAvx512Bf16);
  return kTable;
}

}  // namespace ttx::kernels
