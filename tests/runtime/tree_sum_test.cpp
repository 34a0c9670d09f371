// SPDX-License-Identifier: Apache-2.0
#include "runtime/tree_sum.hpp"

#include <bit>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

/// Small values beside large ones that cancel, so that the order of the additions shows.
std::vector<float> term(std::size_t index, std::size_t size) {
  std::vector<float> values(size);
  std::uint32_t state = 2463534242U + static_cast<std::uint32_t>(index);
  for (float& value : values) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    const float small = static_cast<float>(state >> 8) * 0x1p-24F;
    value = index == 0 ? small + 0x1p20F : index == 2 ? small - 0x1p20F : small;
  }
  return values;
}

float tree(const std::vector<std::vector<float>>& terms, std::size_t begin, std::size_t end, std::size_t at) {
  if (end - begin == 1) {
    return terms[begin][at];
  }
  const std::size_t cut = begin + std::bit_floor(end - begin - 1);
  return tree(terms, begin, cut, at) + tree(terms, cut, end, at);
}

TEST(TreeSum, IsTheTreeForAnyCountSizeAndThreads) {
  for (const std::size_t count : {1U, 2U, 3U, 4U, 5U, 6U, 8U, 13U, 64U}) {
    for (const std::size_t size : {1U, 31U, 1000U, 70001U}) {
      std::vector<std::vector<float>> terms;
      std::vector<const float*> pointers;
      for (std::size_t i = 0; i < count; ++i) {
        terms.push_back(term(i, size));
      }
      for (const auto& values : terms) {
        pointers.push_back(values.data());
      }
      for (const int thread_count : {1, 3}) {
        ThreadPool threads(thread_count);
        std::vector<float> sum(size);
        std::vector<bfloat16> rounded(size);
        tree_sum(pointers, std::span(sum), threads);
        tree_sum(pointers, std::span(rounded), threads);
        for (std::size_t at = 0; at < size; ++at) {
          const float expected = tree(terms, 0, count, at);
          ASSERT_EQ(sum[at], expected) << count << " terms, value " << at << " of " << size;
          ASSERT_EQ(rounded[at].bits, to_bfloat16(expected).bits);
        }
      }
    }
  }
}

TEST(TreeSum, MayWriteOverATerm) {
  ThreadPool threads(1);
  std::vector<float> a = {1, 2, 3};
  const std::vector<float> b = {10, 20, 30};
  const std::vector<const float*> terms = {a.data(), b.data()};
  tree_sum(terms, std::span(a), threads);
  EXPECT_EQ(a, (std::vector<float>{11, 22, 33}));
}

TEST(TreeSum, RefusesTooFewAndTooManyTerms) {
  ThreadPool threads(1);
  std::vector<float> out(1);
  const std::vector<const float*> many(65, out.data());
  test::expect_error(ExitCode::kFailure, {"[tree_sum]", "got 65", "1 to 64"},
                     [&] { tree_sum(many, std::span(out), threads); });
  test::expect_error(ExitCode::kFailure, {"[tree_sum]", "got 0"},
                     [&] { tree_sum({}, std::span(out), threads); });
}

}  // namespace
}  // namespace ttx
