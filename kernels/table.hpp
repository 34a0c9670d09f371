// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/attention.hpp"
#include "kernels/bf16.hpp"
#include "kernels/block_float.hpp"
#include "kernels/linear.hpp"
#include "kernels/rows.hpp"

namespace ttx::kernels {

enum class Isa { kGeneric, kAvx2, kAvx512, kAvx512Bf16 };

/// From the plainest to the best: each needs all that those before it need.
inline constexpr std::array kEveryIsa = {Isa::kGeneric, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16};

/// "generic", "avx2", "avx512", "avx512_bf16": the spelling in logs, JSON, --isa and TTX_ISA.
std::string_view isa_name(Isa isa);
std::optional<Isa> isa_from_name(std::string_view name);
/// Whether this processor and operating system can run it.
bool isa_supported(Isa isa);

/// The kernels of one instruction set. All give the same bits; only a NaN in an fp32 result may differ in
/// sign and payload. Every entry sets flush-to-zero and denormals-are-zero for its own duration and restores
/// what was set before. None allocates beyond its stack, throws, or starts a thread; all may be called from
/// several threads on disjoint outputs.
struct Table {
  Isa isa;
  void (*pack_panel)(const PackPanelCall&);
  void (*pack_rows)(const PackRowsCall&);
  void (*linear)(const LinearCall&);
  void (*pack_block_float)(const PackBlockFloatCall&);
  void (*block_float_linear)(const BlockFloatLinearCall&);
  void (*through_block_float)(const ThroughBlockFloatCall&);
  void (*write_keys)(const CacheWriteCall&);
  void (*write_values)(const CacheWriteCall&);
  void (*attention)(const AttentionCall&);
  void (*rms_norm)(const RmsNormCall&);
  void (*rotary)(const RotaryCall&);
  void (*silu)(const ElementwiseCall&);       ///< a * (1 / (1 + exp(-a)))
  void (*gelu_tanh)(const ElementwiseCall&);  ///< a * (1 + tanh(sqrt(2/pi) * (a + 0.044715 a^3))) / 2
  void (*gelu_erf)(const ElementwiseCall&);   ///< a * (1 + erf(a / sqrt 2)) / 2
  void (*relu)(const ElementwiseCall&);
  void (*tanh)(const ElementwiseCall&);
  void (*square)(const ElementwiseCall&);
  void (*mul)(const ElementwiseCall&);
  void (*mul_scalar)(const ElementwiseCall&);
  void (*mul_silu)(const ElementwiseCall&);  ///< mul of a and silu of b: rounded between the two
  void (*mul_gelu_tanh)(const ElementwiseCall&);
  void (*mul_gelu_erf)(const ElementwiseCall&);
  void (*add)(const ElementwiseCall&);
  void (*tree_sum)(const TreeSumCall&);
  void (*round_to_bf16)(const float* x, std::int64_t n,
                        Bf16* out);  ///< nearest even; denormals to signed zero, NaN 0x7FC0
  void (*widen)(const Bf16* x, std::int64_t n, float* out);
  void (*half_to_bf16)(const std::uint16_t* x, std::int64_t n, Bf16* out);  ///< IEEE half, rounded as above
  /// exp(x) in fp32, good to one unit in the last place; results below 2^-126 are zero. The exp that silu
  /// and attention use.
  void (*exponential)(const float* x, std::int64_t n, float* out);
  /// tanh(x) in fp32, that of tanh and of attention's soft cap.
  void (*hyperbolic_tangent)(const float* x, std::int64_t n, float* out);
  /// (1 + erf(x / sqrt 2)) / 2 in fp32, that of gelu_erf; results below 2^-126 are zero.
  void (*normal_cdf)(const float* x, std::int64_t n, float* out);
};

/// Precondition: isa_supported(isa).
const Table& table(Isa isa);

/// The table in use: the best supported one until `select` is called. Choose before the first thread starts.
const Table& active();
void select(Isa isa);

}  // namespace ttx::kernels
