// SPDX-License-Identifier: Apache-2.0
#include "runtime/tree_sum.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/table.hpp"
#include "runtime/error.hpp"

namespace ttx {
namespace {

constexpr std::size_t kMaxTerms = 64;
/// Below this many values a second thread costs more to wake than it saves.
constexpr std::int64_t kGrain = std::int64_t{16} * 1024;

/// Fills in where the results of a call go, from the first of its values.
template <typename SetOut>
void add(std::span<const float* const> terms, std::int64_t n, ThreadPool& threads, SetOut set_out) {
  TTX_CHECK(!terms.empty() && terms.size() <= kMaxTerms, "tree_sum",
            "wrong number of terms: got {}, expected 1 to {}", terms.size(), kMaxTerms);
  threads.parallel_for(n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    std::array<const float*, kMaxTerms> parts{};
    for (std::size_t i = 0; i < terms.size(); ++i) {
      parts[i] = terms[i] + begin;
    }
    kernels::TreeSumCall call;
    call.parts = parts.data();
    call.count = static_cast<int>(terms.size());
    call.n = end - begin;
    set_out(call, begin);
    kernels::active().tree_sum(call);
  });
}

}  // namespace

void tree_sum(std::span<const float* const> terms, std::span<bfloat16> out, ThreadPool& threads) {
  add(terms, std::ssize(out), threads,
      [&](kernels::TreeSumCall& call, std::int64_t begin) { call.out_bf16 = out.data() + begin; });
}

void tree_sum(std::span<const float* const> terms, std::span<float> out, ThreadPool& threads) {
  add(terms, std::ssize(out), threads,
      [&](kernels::TreeSumCall& call, std::int64_t begin) { call.out_f32 = out.data() + begin; });
}

}  // namespace ttx
