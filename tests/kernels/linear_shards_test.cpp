// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <thread>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"

namespace ttx::test {
namespace {

class LinearShards : public IsaTest {};
TTX_FOR_EVERY_ISA(LinearShards);

TEST_P(LinearShards, PanelRangesOnThreads) {
  for (const std::int64_t m : {1, 3, 26}) {
    const LinearCase problem = normal_case(m, 32 * 7 + 5, 50, uneven_blocks(50, 8, 31), 31);
    const std::vector<float> whole = problem.run(table());
    const LinearCase::Packed ready = problem.packed(table());
    for (const std::int64_t threads : {2, 3, 8}) {
      std::vector<float> out(whole.size(), -7.0F);
      std::vector<std::thread> running;
      for (std::int64_t thread = 0; thread < threads; ++thread) {
        running.emplace_back([&, thread] {
          kernels::LinearCall call = ready.call;
          call.out_f32 = out.data();
          call.first_panel = kernels::panel_count(problem.n) * thread / threads;
          call.last_panel = kernels::panel_count(problem.n) * (thread + 1) / threads;
          table().linear(call);
        });
      }
      for (std::thread& thread : running) {
        thread.join();
      }
      EXPECT_TRUE(same_bits(out, whole)) << "m " << m << " threads " << threads;
    }
  }
}

TEST_P(LinearShards, ColumnShardsOfWholePanels) {
  const LinearCase problem = normal_case(5, 32 * 4 + 10, 40, uneven_blocks(40, 1, 32), 32);
  const std::vector<float> whole = problem.run(table());
  for (const std::int64_t first : {0, 32, 96, 128}) {
    LinearCase shard = problem;
    shard.n = std::min<std::int64_t>(32, problem.n - first);
    shard.w.assign(problem.w.begin() + first * problem.k, problem.w.begin() + (first + shard.n) * problem.k);
    const std::vector<float> part = shard.run(table());
    for (std::int64_t row = 0; row < problem.m; ++row) {
      const auto got = part.begin() + row * shard.n;
      const auto expected = whole.begin() + row * problem.n + first;
      EXPECT_TRUE(same_bits<float>({got, got + shard.n}, {expected, expected + shard.n}))
          << "column " << first;
    }
  }
}

/// Each rank sums its blocks; the tree over ranks follows.
std::vector<float> over_ranks(const kernels::Table& table, const LinearCase& problem, int ranks) {
  const int share = problem.blocks.count / ranks;
  std::vector<std::vector<float>> partial;
  std::vector<const float*> parts;
  for (int rank = 0; rank < ranks; ++rank) {
    partial.push_back(problem.k_slice(rank * share, (rank + 1) * share).run(table));
  }
  for (const std::vector<float>& part : partial) {
    parts.push_back(part.data());
  }
  std::vector<float> out(partial[0].size());
  table.tree_sum({.parts = parts.data(),
                  .count = ranks,
                  .n = static_cast<std::int64_t>(out.size()),
                  .out_f32 = out.data(),
                  .out_bf16 = nullptr});
  return out;
}

TEST_P(LinearShards, OneTwoFourAndEightRanksGiveTheSameBits) {
  for (const std::int64_t m : {1, 2, 12, 29}) {
    for (const std::int64_t k : {128, 157, 258}) {
      const LinearCase problem =
          normal_case(m, 45, k, uneven_blocks(k, 8, static_cast<std::uint64_t>(k)), 33);
      const std::vector<float> one = problem.run(table());
      for (const int ranks : {1, 2, 4, 8}) {
        EXPECT_TRUE(same_bits(over_ranks(table(), problem, ranks), one))
            << "m " << m << " k " << k << " ranks " << ranks;
      }
    }
  }
}

TEST_P(LinearShards, SwappedRanksAreNoticed) {
  // What the test above rests on: the same partial sums in another order do not give these bits.
  const LinearCase problem = normal_case(4, 64, 256, even_blocks(256, 8), 34);
  const std::vector<float> one = problem.run(table());
  std::vector<std::vector<float>> partial;
  for (int rank = 0; rank < 8; ++rank) {
    partial.push_back(problem.k_slice(rank, rank + 1).run(table()));
  }
  const float* parts[8];
  for (std::size_t rank = 0; rank < 8; ++rank) {
    parts[rank] = partial[rank].data();
  }
  std::swap(parts[1], parts[2]);
  std::vector<float> out(one.size());
  table().tree_sum({.parts = parts, .count = 8, .n = 4 * 64, .out_f32 = out.data(), .out_bf16 = nullptr});
  EXPECT_FALSE(same_bits(out, one));
}

}  // namespace
}  // namespace ttx::test
