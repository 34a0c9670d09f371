// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ttx::reference {

/// How the elements of a checkpoint matrix are stored.
enum class Stored { kBf16, kF16, kF32 };

/// Weight rows [n, k] as they lie in the checkpoint: row-major, at any address.
struct WeightRows {
  const std::byte* data;
  Stored stored;
  std::int64_t k;
};

/// silu: x * sigmoid(x). gelu_tanh: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))). relu2: max(x, 0)^2.
enum class Activation { kSilu, kGeluTanh, kRelu2 };

/// One query head against the keys and values of its KV head. Query row i stands at position p = first + i
/// and sees the keys 0 .. p, of them the last `window` if that is not 0. Row r of a matrix is at `pointer + r
/// * stride`; each row holds head_dim values.
struct HeadAttention {
  const float* q;
  const float* k;
  const float* v;
  float* out;
  std::int64_t rows;
  std::int64_t first;
  std::int64_t head_dim;
  std::int64_t q_stride;   ///< of q and out
  std::int64_t kv_stride;  ///< of k and v
  float scale;
  float softcap = 0.0F;     ///< scaled scores z become softcap * tanh(z / softcap); 0: they stay
  std::int64_t window = 0;  ///< 0: none
};

/// A product's bits must not depend on how its columns are spread over threads. Eigen sums an output in an
/// order that depends on its place among the columns of a call: in whole registers, three at a time, or in
/// what is left behind them. So the columns are given out in units that are whole for every instruction set,
/// and what is left of a unit at the end of the matrix goes with the unit before it.
inline constexpr std::int64_t kUnitForOne = 16;   ///< of a single row
inline constexpr std::int64_t kUnitForMany = 48;  ///< of several rows: three registers of 16

/// Floats that `project` needs as scratch: one block of widened weight rows. A block stays in the
/// second-level cache, but has enough rows that packing the input for it is worth while.
inline constexpr std::int64_t kBlockFloats = std::int64_t{1} << 18;
inline constexpr std::int64_t kMostBlockRows = 3 * kUnitForMany;
std::int64_t scratch_floats(std::int64_t k);

/// The fp32 sentences of a transformer, one thread each, in plain fp32 as PyTorch computes them. One text,
/// compiled per instruction set with Eigen in a namespace of its own. The bits of a result depend on its
/// inputs and the instruction set alone, not on addresses or threads. The order of sums differs between the
/// sets: there results agree to rounding.
struct Fp32Math {
  std::string_view name;

  /// out[i * out_stride + j - begin] = x[i, :] . w[j, :] for i in [0, rows), j in [begin, end); x is [rows,
  /// k], dense. The same bits for every cut of the columns at whole units from the first.
  void (*project)(const float* x, std::int64_t rows, const WeightRows& w, std::int64_t begin,
                  std::int64_t end, float* out, std::int64_t out_stride, float* scratch);
  /// `count` stored elements to fp32, exact.
  void (*widen)(const std::byte* data, Stored stored, std::int64_t count, float* out);
  /// y = weight * (x / sqrt(mean(x^2) + eps)) over n values; y may be x.
  void (*rms_norm)(const float* x, const float* weight, std::int64_t n, float eps, float* y);
  /// x * cos + rotate_half(x) * sin in place; x holds d values, cos and sin d / 2.
  void (*rotate)(float* x, const float* cos, const float* sin, std::int64_t d);
  /// softmax(q k^T * scale) v over the keys that a row sees.
  void (*attend)(const HeadAttention& head);
  /// In place over n values.
  void (*activate)(Activation activation, float* x, std::int64_t n);
  /// x = cap * tanh(x / cap) over n values.
  void (*softcap)(float* x, std::int64_t n, float cap);
  /// x *= y over n values.
  void (*multiply)(float* x, const float* y, std::int64_t n);
  /// x += y over n values.
  void (*add)(float* x, const float* y, std::int64_t n);
};

/// The best set of this processor.
const Fp32Math& fp32_math();

/// Each set, defined in fp32_math_<name>.cpp; asking for the table runs no instruction of the set.
const Fp32Math& fp32_math_generic();
const Fp32Math& fp32_math_avx2();
const Fp32Math& fp32_math_avx512();
bool supports_avx2();
bool supports_avx512();

}  // namespace ttx::reference
