// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/probes.hpp"
#include "bench/team.hpp"
#include "kernels/table.hpp"
#include "runtime/memory_block.hpp"

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
  friend bool operator==(const WeightShape&, const WeightShape&) = default;
};

/// Weights that m rows pass through one after the other.
struct Pass {
  std::string name;
  std::int64_t m;
  std::vector<WeightShape> weights;

  double bytes() const;
  double flops() const;
};

/// One shape as often as fits into `bytes`.
Pass repeated(std::int64_t m, WeightShape shape, std::int64_t bytes);

/// Random weights, packed as they are (random panels are panels of random weights), and the operands around
/// them.
class LinearWorkload {
 public:
  /// Of bfloat16, with as many weights as block floats beside them. Not less than the largest weight needs.
  explicit LinearWorkload(std::int64_t weight_bytes);

  /// Seconds for the pass: its weights lie one after the other, from the beginning again where there are more
  /// of them, rows are repacked before each, threads share panels and meet after each weight.
  double run(const kernels::Table& table, const Pass& pass, Placement placement);

  const void* weights() const { return weights_.data(); }
  std::int64_t weight_bytes() const { return static_cast<std::int64_t>(weights_.size()); }

 private:
  void run_thread(const kernels::Table& table, const Pass& pass, int thread, int threads, Barrier& barrier);

  MemoryBlock weights_;  ///< bfloat16
  MemoryBlock coded_;    ///< panels of either block float: no byte is a strange exponent
  std::vector<kernels::Bf16> x_;
  std::vector<kernels::Bf16> packed_x_;
  std::vector<float> out_;
};

/// Seconds of out [m][n] = x [m][k] * w [n][k] transposed, by Eigen in fp32 on one thread. Needs AVX-512.
double eigen_matmul_seconds(std::int64_t m, std::int64_t n, std::int64_t k);

}  // namespace ttx::bench
