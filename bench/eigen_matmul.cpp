// SPDX-License-Identifier: Apache-2.0
// Alone in its source, for it has flags of its own: Eigen chooses its instructions when it is compiled.
#include <chrono>

#include <Eigen/Core>

#include "bench/linear_workload.hpp"

namespace ttx::bench {

double eigen_matmul_seconds(std::int64_t m, std::int64_t n, std::int64_t k) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Matrix x = Matrix::Constant(m, k, 0.5F);
  const Matrix w = Matrix::Constant(n, k, 0.25F);
  Matrix out(m, n);
  const auto begin = std::chrono::steady_clock::now();
  out.noalias() = x * w.transpose();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace ttx::bench
