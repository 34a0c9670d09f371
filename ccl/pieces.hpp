// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/shape.hpp"

namespace ttx::ccl {

/// A dense tensor seen from one of its dims: `outer` rows of `extent` elements of `inner` values.
struct DimView {
  std::int64_t outer = 1;
  std::int64_t extent = 0;
  std::int64_t inner = 1;
};
DimView view_of(const Shape& shape, int dim);

/// How a tensor is cut over the devices on one dim: the whole has `outer` rows, and in every row device i has
/// a run of runs[i] values (or bytes). Its piece is its runs, one after the other.
struct Cut {
  std::vector<std::int64_t> runs;
  std::int64_t outer = 1;

  /// Length of a row.
  std::int64_t row() const;
  /// Where the run of `device` begins in a row.
  std::int64_t start(std::size_t device) const;
  /// The same cut counted in units of which each value has `factor`.
  Cut scaled(std::int64_t factor) const;
};

/// The pieces as they travel lie one after the other. Both functions take a cut in bytes and throw Error
/// unless the buffers are as long as the whole.
void join_pieces(std::span<const std::byte> pieces, const Cut& cut, std::span<std::byte> whole);
void split_pieces(std::span<const std::byte> whole, const Cut& cut, std::span<std::byte> pieces);

/// Where values [begin, begin + count) of the piece of `device` lie in the whole: calls body(offset from
/// begin, offset in the whole, length) for every stretch.
template <typename Body>
void for_part_of_piece(const Cut& cut, std::size_t device, std::int64_t begin, std::int64_t count,
                       Body body) {
  const std::int64_t run = cut.runs[device];
  const std::int64_t row = cut.row();
  const std::int64_t start = cut.start(device);
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t column = (begin + done) % run;
    const std::int64_t length = std::min(run - column, count - done);
    body(done, (begin + done) / run * row + start + column, length);
    done += length;
  }
}

/// What of values [begin, begin + count) of the whole belongs to the piece of `device`: calls body(offset
/// from begin, offset in the piece, length) for every stretch.
template <typename Body>
void for_part_of_whole(const Cut& cut, std::size_t device, std::int64_t begin, std::int64_t count,
                       Body body) {
  const std::int64_t run = cut.runs[device];
  const std::int64_t row = cut.row();
  const std::int64_t start = cut.start(device);
  for (std::int64_t r = begin / row; run > 0 && r * row < begin + count; ++r) {
    const std::int64_t first = std::max(begin, r * row + start);
    const std::int64_t last = std::min(begin + count, r * row + start + run);
    if (first < last) {
      body(first - begin, r * run + first - r * row - start, last - first);
    }
  }
}

}  // namespace ttx::ccl
