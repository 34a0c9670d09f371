// SPDX-License-Identifier: Apache-2.0
#include "bench/probes.hpp"

#include <algorithm>
#include <atomic>

#include "bench/machine.hpp"
#include "bench/probe_loops.hpp"
#include "bench/team.hpp"

namespace ttx::bench {
namespace {

/// What the loops return goes here, so that none can be left out.
std::atomic<float> sink{0.0F};

constexpr std::int64_t kArithmeticRounds = 4'000'000;

struct ArithmeticLoop {
  Arithmetic run;
  double flops;
};

ArithmeticLoop loop_of(kernels::Isa isa) {
  switch (isa) {
    case kernels::Isa::kGeneric:
      break;
    case kernels::Isa::kAvx2:
      return {avx2::multiply_add, avx2::kMultiplyAddFlops};
    case kernels::Isa::kAvx512:
      return {avx512::multiply_add, avx512::kMultiplyAddFlops};
    case kernels::Isa::kAvx512Bf16:
      return {avx512::dot_products, avx512::kDotFlops};
  }
  return {generic::multiply_add, generic::kMultiplyAddFlops};
}

}  // namespace

double read_bandwidth(const void* from, std::size_t bytes, int streams, Placement placement) {
  const ReadLines loop = has_avx512() ? avx512::read_lines : generic::read_lines;
  const std::size_t share = bytes / 64 / static_cast<std::size_t>(placement.threads);
  const double seconds = run_team(placement.threads, placement.pin, [&](int thread) {
    sink =
        loop(static_cast<const float*>(from) + static_cast<std::size_t>(thread) * share * 16, share, streams);
  });
  return static_cast<double>(share * 64) * placement.threads / seconds * 1e-9;
}

double best_read_bandwidth(const void* from, std::size_t bytes, Placement placement) {
  return std::max(read_bandwidth(from, bytes, 1, placement), read_bandwidth(from, bytes, 4, placement));
}

double arithmetic_peak(kernels::Isa isa, Placement placement) {
  const ArithmeticLoop loop = loop_of(isa);
  const double seconds =
      run_team(placement.threads, placement.pin, [&](int) { sink = loop.run(kArithmeticRounds); });
  return loop.flops * static_cast<double>(kChains * kArithmeticRounds) * placement.threads / seconds * 1e-9;
}

std::string arithmetic_name(kernels::Isa isa) {
  return std::string(kernels::isa_name(isa)) +
         (isa == kernels::Isa::kAvx512Bf16 ? ", vdpbf16ps" : ", fp32 multiply-add");
}

}  // namespace ttx::bench
