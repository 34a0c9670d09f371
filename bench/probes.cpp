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

constexpr std::int64_t kArithmeticRounds = 1'000'000;

double arithmetic_peak(Arithmetic loop, double flops, Placement placement) {
  const double seconds =
      run_team(placement.threads, placement.pin, [&](int) { sink = loop(kArithmeticRounds); });
  return flops * static_cast<double>(kChains * kArithmeticRounds) * placement.threads / seconds * 1e-9;
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

double float_peak(Placement placement) {
  return has_avx512() ? arithmetic_peak(avx512::multiply_add, avx512::kMultiplyAddFlops, placement)
                      : arithmetic_peak(generic::multiply_add, generic::kMultiplyAddFlops, placement);
}

std::optional<double> bf16_peak(Placement placement) {
  if (!has_avx512_bf16()) {
    return std::nullopt;
  }
  return arithmetic_peak(avx512::dot_products, avx512::kDotFlops, placement);
}

}  // namespace ttx::bench
