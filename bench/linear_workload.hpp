// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/probes.hpp"
#include "bench/team.hpp"
#include "kernels/table.hpp"

namespace ttx::bench {

/// How a weight is kept.
enum class WeightType { kBfloat16, kBfloat8b, kBfloat4b };

/// A weight [n][k] and the number of equal K blocks it is summed in.
struct WeightShape {
  std::int64_t n;
  std::int64_t k;
  int blocks;
  WeightType type = WeightType::kBfloat16;

  /// Packed.
  std::int64_t bytes() const;
  double flops(std::int64_t m) const { return 2.0 * static_cast<double>(m) * static_cast<double>(n * k); }
};

/// Weights that m rows pass through one after the other.
struct Pass {
  std::string name;
  std::int64_t m;
  std::vector<WeightShape> weights;

  double bytes() const;
  double flops() const;
};

/// All weights that one token of Qwen3-0.6B passes through: 28 layers and the head, 1.19 GB as bfloat16.
Pass qwen3_token(std::int64_t m, WeightType type = WeightType::kBfloat16);
/// One shape as often as fits into `bytes`.
Pass repeated(std::int64_t m, WeightShape shape, std::int64_t bytes);

/// Random weights, packed as they are (random panels are panels of random weights), and the operands around
/// them.
class LinearWorkload {
 public:
  /// Of bfloat16; block floats have as much as they need.
  explicit LinearWorkload(std::int64_t weight_bytes);

  /// Seconds for the pass: its weights lie one after the other, rows are repacked before each, threads share
  /// panels and meet after each weight.
  double run(const kernels::Table& table, const Pass& pass, Placement placement);

  const void* weights() const { return weights_.data(); }
  std::int64_t weight_bytes() const { return static_cast<std::int64_t>(weights_.size()) * 2; }

 private:
  void run_thread(const kernels::Table& table, const Pass& pass, int thread, int threads, Barrier& barrier);

  std::vector<kernels::Bf16> weights_;
  std::vector<std::uint8_t> coded_;  ///< panels of either block float: no byte is a strange exponent
  std::vector<kernels::Bf16> x_;
  std::vector<kernels::Bf16> packed_x_;
  std::vector<float> out_;
};

/// Seconds of out [m][n] = x [m][k] * w [n][k] transposed, by Eigen in fp32 on one thread. Needs AVX-512.
double eigen_matmul_seconds(std::int64_t m, std::int64_t n, std::int64_t k);

}  // namespace ttx::bench
