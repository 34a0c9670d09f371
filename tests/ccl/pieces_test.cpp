// SPDX-License-Identifier: Apache-2.0
#include "ccl/pieces.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Pieces, JoinPutsTheRunsOfARowSideBySide) {
  // Two rows; pieces of 1, 3 and 2 bytes per row.
  const Cut cut{{1, 3, 2}, 2};
  std::string whole(12, '.');
  join_pieces(bytes("aAbbbBBBccCC"), cut, std::as_writable_bytes(std::span(whole)));
  EXPECT_EQ(whole, "abbbccABBBCC");
}

TEST(Pieces, SplitIsTheInverse) {
  const Cut cut{{1, 3, 2}, 2};
  std::string pieces(12, '.');
  split_pieces(bytes("abbbccABBBCC"), cut, std::as_writable_bytes(std::span(pieces)));
  EXPECT_EQ(pieces, "aAbbbBBBccCC");
}

TEST(Pieces, OneRowKeepsItsOrderAndEmptyPiecesVanish) {
  const Cut cut{{2, 0, 1}, 1};
  std::string whole(3, '.');
  join_pieces(bytes("xyz"), cut, std::as_writable_bytes(std::span(whole)));
  EXPECT_EQ(whole, "xyz");
}

TEST(Pieces, RefusesBuffersThatDoNotFit) {
  const Cut cut{{1, 2}, 2};
  std::string out(6, '.');
  test::expect_error(ExitCode::kFailure, {"[pieces]", "got 5 and 6", "expected 6"},
                     [&] { join_pieces(bytes("12345"), cut, std::as_writable_bytes(std::span(out))); });
  test::expect_error(ExitCode::kFailure, {"[pieces]", "expected 9"}, [&] {
    split_pieces(bytes("123456"), Cut{{1, 2}, 3}, std::as_writable_bytes(std::span(out)));
  });
}

TEST(Pieces, PartsOfAPieceAndOfTheWholeAreEachOther) {
  for (const Cut& cut : {Cut{{1, 3, 2}, 4}, Cut{{2, 0, 1}, 1}, Cut{{5}, 3}}) {
    const std::int64_t total = cut.outer * cut.row();
    for (std::size_t device = 0; device < cut.runs.size(); ++device) {
      const std::int64_t length = cut.outer * cut.runs[device];
      // place[i]: where value i of the piece lies, found by asking for every stretch of it.
      for (std::int64_t begin = 0; begin < length; ++begin) {
        for (std::int64_t count = 1; begin + count <= length; ++count) {
          std::int64_t seen = 0;
          for_part_of_piece(cut, device, begin, count,
                            [&](std::int64_t from, std::int64_t at, std::int64_t n) {
                              EXPECT_EQ(from, seen);
                              for (std::int64_t i = 0; i < n; ++i) {
                                const std::int64_t value = begin + from + i;
                                EXPECT_EQ(at + i, value / cut.runs[device] * cut.row() + cut.start(device) +
                                                      value % cut.runs[device]);
                              }
                              seen += n;
                            });
          EXPECT_EQ(seen, count);
        }
      }
      for (std::int64_t begin = 0; begin < total; ++begin) {
        for (std::int64_t end = begin + 1; end <= total; ++end) {
          std::vector<std::int64_t> found;
          for_part_of_whole(cut, device, begin, end - begin,
                            [&](std::int64_t from, std::int64_t at, std::int64_t n) {
                              for (std::int64_t i = 0; i < n; ++i) {
                                found.push_back((begin + from + i) * 1000 + at + i);
                              }
                            });
          std::vector<std::int64_t> expected;
          for (std::int64_t value = 0; value < length; ++value) {
            const std::int64_t at =
                value / cut.runs[device] * cut.row() + cut.start(device) + value % cut.runs[device];
            if (at >= begin && at < end) {
              expected.push_back(at * 1000 + value);
            }
          }
          EXPECT_EQ(found, expected);
        }
      }
    }
  }
}

TEST(Pieces, ViewOfADim) {
  const Shape shape{2, 3, 5, 7};
  const DimView middle = view_of(shape, 2);
  EXPECT_EQ(middle.outer, 6);
  EXPECT_EQ(middle.extent, 5);
  EXPECT_EQ(middle.inner, 7);
  const DimView last = view_of(shape, -1);
  EXPECT_EQ(last.outer, 30);
  EXPECT_EQ(last.extent, 7);
  EXPECT_EQ(last.inner, 1);
}

}  // namespace
}  // namespace ttx::ccl
