// SPDX-License-Identifier: Apache-2.0
// AVX-512 with BF16: vdpbf16ps is the pair rule itself.
#include <immintrin.h>

#include "kernels/isa.hpp"

namespace ttx::kernels::avx512_bf16 {
namespace {

// Each text rests on those above it.
// clang-format off
#include "kernels/text/float_mode.ipp"
#include "kernels/text/lanes.ipp"
#include "kernels/text/blocks.ipp"
#include "kernels/text/exponential.ipp"
#include "kernels/avx512_bf16/registers.ipp"
#include "kernels/avx512_bf16/products.ipp"
#include "kernels/avx512_bf16/pack.ipp"
#include "kernels/avx512_bf16/linear_few.ipp"
#include "kernels/avx512_bf16/linear_many.ipp"
#include "kernels/avx512_bf16/attention_products.ipp"
#include "kernels/text/softmax.ipp"
#include "kernels/text/attention.ipp"
#include "kernels/text/cache.ipp"
#include "kernels/text/rms_norm.ipp"
#include "kernels/text/rotary.ipp"
#include "kernels/text/elementwise.ipp"
#include "kernels/text/tree_sum.ipp"
#include "kernels/text/convert.ipp"
#include "kernels/text/entries.ipp"
// clang-format on

}  // namespace
}  // namespace ttx::kernels::avx512_bf16

namespace ttx::kernels {

const Table& avx512_bf16_table() {
  static constexpr Table kTable = avx512_bf16::make_table(Isa::kAvx512Bf16);
  return kTable;
}

}  // namespace ttx::kernels
