// SPDX-License-Identifier: Apache-2.0
#include "ccl/pieces.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Pieces, JoinPutsTheRunsOfARowSideBySide) {
  // Two rows; pieces of 1, 3 and 2 bytes per row.
  const std::array<std::int64_t, 3> runs = {1, 3, 2};
  std::string whole(12, '.');
  join_pieces(bytes("aAbbbBBBccCC"), runs, 2, std::as_writable_bytes(std::span(whole)));
  EXPECT_EQ(whole, "abbbccABBBCC");
}

TEST(Pieces, SplitIsTheInverse) {
  const std::array<std::int64_t, 3> runs = {1, 3, 2};
  std::string pieces(12, '.');
  split_pieces(bytes("abbbccABBBCC"), runs, 2, std::as_writable_bytes(std::span(pieces)));
  EXPECT_EQ(pieces, "aAbbbBBBccCC");
}

TEST(Pieces, OneRowKeepsItsOrderAndEmptyPiecesVanish) {
  const std::array<std::int64_t, 3> runs = {2, 0, 1};
  std::string whole(3, '.');
  join_pieces(bytes("xyz"), runs, 1, std::as_writable_bytes(std::span(whole)));
  EXPECT_EQ(whole, "xyz");
}

TEST(Pieces, RefusesBuffersThatDoNotFit) {
  const std::array<std::int64_t, 2> runs = {1, 2};
  std::string out(6, '.');
  test::expect_error(ExitCode::kFailure, {"[pieces]", "got 5 and 6", "expected 6"},
                     [&] { join_pieces(bytes("12345"), runs, 2, std::as_writable_bytes(std::span(out))); });
  test::expect_error(ExitCode::kFailure, {"[pieces]", "expected 9"},
                     [&] { split_pieces(bytes("123456"), runs, 3, std::as_writable_bytes(std::span(out))); });
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
