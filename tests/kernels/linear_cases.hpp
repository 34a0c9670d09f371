// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/table.hpp"

namespace ttx::test {

using kernels::Bf16;

/// `count` blocks over k whose ends are even but otherwise as uneven as the seed says; some may be empty.
kernels::KBlocks uneven_blocks(std::int64_t k, int count, std::uint64_t seed);
/// `count` equal blocks, for k a multiple of 2 * count.
kernels::KBlocks even_blocks(std::int64_t k, int count);

/// All panels of w [n][k].
std::vector<Bf16> pack(const kernels::Table& table, const std::vector<Bf16>& w, std::int64_t n,
                       std::int64_t k);

/// One linear problem, x [m][k] and w [n][k], and the ways to run it.
struct LinearCase {
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  kernels::KBlocks blocks;
  std::vector<Bf16> x;
  std::vector<Bf16> w;

  std::vector<float> expected() const;
  /// Packs and runs it whole, fp32 out.
  std::vector<float> run(const kernels::Table& table) const;
  /// The same, rounded by the kernel to bf16.
  std::vector<Bf16> run_bf16(const kernels::Table& table) const;
  /// Rows [first, first + count) of x as a problem of their own.
  LinearCase rows(std::int64_t first, std::int64_t count) const;
  /// What a device holds that owns blocks [first, last): those columns of x and w, and block ends from zero.
  LinearCase k_slice(int first, int last) const;

  /// Packed operands, and a call over all panels without an output.
  struct Packed {
    std::vector<Bf16> panels;
    std::vector<Bf16> rows;
    kernels::LinearCall call;
  };
  Packed packed(const kernels::Table& table) const;
};

LinearCase normal_case(std::int64_t m, std::int64_t n, std::int64_t k, const kernels::KBlocks& blocks,
                       std::uint64_t seed);

}  // namespace ttx::test
