// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include "models/reference/fp32_math.hpp"
#include "models/reference/host_cores.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/thread_pool.hpp"

namespace ttx::reference {

/// The fp32 sentences on all cores of the host, with the same bits on any number of them. Called by one
/// thread.
class ParallelMath {
 public:
  /// `threads` 0: one for each core.
  explicit ParallelMath(const Fp32Math& math = fp32_math(), int threads = 0);

  /// out [rows, n] = x [rows, k] times the transpose of weight [n, k].
  struct Product {
    const HostTensor& weight;
    float* out;
  };
  /// Several products of the same x. Throws Error when a weight is not a row-major floating-point matrix with
  /// k columns.
  void project(const float* x, std::int64_t rows, std::span<const Product> products);
  void project(const float* x, std::int64_t rows, std::initializer_list<Product> products) {
    project(x, rows, std::span(products.begin(), products.size()));
  }

  /// Each of `rows` rows of weight.size() values; y may be x.
  void rms_norm(const float* x, std::int64_t rows, std::span<const float> weight, float eps, float* y);

  /// body(i) for i in [0, count), spread over the cores.
  void for_each(std::int64_t count, const std::function<void(std::int64_t)>& body);

  /// One row of a floating-point matrix as fp32.
  void widen_row(const HostTensor& matrix, std::int64_t row, float* out) const;

  const Fp32Math& one_thread() const { return math_; }
  int threads() const { return pool_.size(); }

 private:
  const Fp32Math& math_;
  HostCores cores_;
  ThreadPool pool_;  // after cores_: its threads inherit the binding
};

}  // namespace ttx::reference
