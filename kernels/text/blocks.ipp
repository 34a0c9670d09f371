// SPDX-License-Identifier: Apache-2.0

// The balanced tree over K blocks as a binary counter: after block b, the sums of as many finished subtrees
// are added as b has trailing ones, the most recent first; what results is a finished subtree of that height.

/// Levels that can wait while a later block is summed: 8 blocks are a tree of height 3.
constexpr int kTreeLevels = 3;

TTX_INLINE int merges_after(int block) { return __builtin_ctz(~static_cast<unsigned>(block)); }

/// Pairs [begin, end) of a block. Only the last block may end on an odd k.
struct PairRange {
  std::int64_t begin;
  std::int64_t end;
};

TTX_INLINE PairRange block_pairs(const KBlocks& blocks, int block) {
  const std::int64_t* ends = blocks.end.data();
  return {block == 0 ? 0 : ends[block - 1] / 2, pair_count(ends[block])};
}
