// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/shape.hpp"

namespace ttx::ccl {

/// A dense tensor seen from one of its dims: `outer` rows of `extent` elements of `inner` values.
struct DimView {
  std::int64_t outer = 1;
  std::int64_t extent = 0;
  std::int64_t inner = 1;
};
DimView view_of(const Shape& shape, int dim);

/// The pieces of a dim as they travel lie one after the other, each dense; in the whole tensor every row has
/// a run of each piece. `runs` is the bytes that a row has of each piece. Both functions throw Error unless
/// the buffers are `outer` times the sum of `runs` long.
void join_pieces(std::span<const std::byte> pieces, std::span<const std::int64_t> runs, std::int64_t outer,
                 std::span<std::byte> whole);
void split_pieces(std::span<const std::byte> whole, std::span<const std::int64_t> runs, std::int64_t outer,
                  std::span<std::byte> pieces);

}  // namespace ttx::ccl
