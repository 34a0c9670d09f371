// SPDX-License-Identifier: Apache-2.0
// Empty but for its name where oneDNN was not found.
#include "bench/onednn_matmul.hpp"

#ifdef TTX_BENCH_ONEDNN

#include <chrono>
#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

namespace ttx::bench {

namespace {

using dnnl::memory;

/// Of 0.5 and -0.5 in turn: sums stay small.
void fill(const memory& where) {
  auto* const bits = static_cast<std::uint16_t*>(where.get_data_handle());
  for (std::size_t i = 0; i < where.get_desc().get_size() / 2; ++i) {
    bits[i] = i % 2 == 0 ? 0x3F00 : 0xBF00;
  }
}

}  // namespace

std::optional<double> onednn_matmul_seconds(std::int64_t m, std::int64_t n, std::int64_t k, int copies,
                                            int threads) {
  omp_set_num_threads(threads);
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const memory::desc x_desc({m, k}, memory::data_type::bf16, memory::format_tag::ab);
  const memory::desc any({k, n}, memory::data_type::bf16, memory::format_tag::any);
  const memory::desc out_desc({m, n}, memory::data_type::f32, memory::format_tag::ab);
  const dnnl::matmul::primitive_desc plan(dnnl::matmul::desc(x_desc, any, out_desc), engine);
  const dnnl::matmul product(plan);
  const memory x(x_desc, engine);
  const memory out(out_desc, engine);
  fill(x);
  std::vector<memory> weights;
  for (int i = 0; i < copies; ++i) {
    fill(weights.emplace_back(plan.weights_desc(), engine));
  }
  const auto multiply = [&](const memory& w) {
    product.execute(stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, out}});
  };
  multiply(weights.front());  // its threads and scratch are there now
  stream.wait();
  const auto begin = std::chrono::steady_clock::now();
  for (const memory& w : weights) {
    multiply(w);
  }
  stream.wait();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / copies;
}

}  // namespace ttx::bench

#else

namespace ttx::bench {

std::optional<double> onednn_matmul_seconds(std::int64_t /*m*/, std::int64_t /*n*/, std::int64_t /*k*/,
                                            int /*copies*/, int /*threads*/) {
  return std::nullopt;
}

}  // namespace ttx::bench

#endif
