// SPDX-License-Identifier: Apache-2.0
#include "ccl/pieces.hpp"

#include <cstring>
#include <numeric>

#include "runtime/error.hpp"

namespace ttx::ccl {
namespace {

/// Calls body(offset in the pieces, offset in the whole, bytes) for every run.
template <typename Body>
void for_each_run(const Cut& cut, Body body) {
  const std::int64_t row = cut.row();
  std::int64_t piece = 0;
  std::int64_t column = 0;
  for (const std::int64_t run : cut.runs) {
    for (std::int64_t o = 0; run > 0 && o < cut.outer; ++o) {
      body(piece + o * run, o * row + column, static_cast<std::size_t>(run));
    }
    piece += cut.outer * run;
    column += run;
  }
}

void check_sizes(const Cut& cut, std::size_t pieces, std::size_t whole) {
  const std::int64_t expected = cut.outer * cut.row();
  TTX_CHECK(pieces == whole && static_cast<std::int64_t>(whole) == expected, "pieces",
            "buffers do not fit: got {} and {} bytes, expected {}", pieces, whole, expected);
}

}  // namespace

DimView view_of(const Shape& shape, int dim) {
  const int d = normalize_dim(dim, shape.rank(), "pieces");
  DimView view;
  for (int i = 0; i < d; ++i) {
    view.outer *= shape[i];
  }
  view.extent = shape[d];
  for (int i = d + 1; i < shape.rank(); ++i) {
    view.inner *= shape[i];
  }
  return view;
}

std::int64_t Cut::row() const { return std::accumulate(runs.begin(), runs.end(), std::int64_t{0}); }

std::int64_t Cut::start(std::size_t device) const {
  return std::accumulate(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(device), std::int64_t{0});
}

Cut Cut::scaled(std::int64_t factor) const {
  Cut result = *this;
  for (std::int64_t& run : result.runs) {
    run *= factor;
  }
  return result;
}

void join_pieces(std::span<const std::byte> pieces, const Cut& cut, std::span<std::byte> whole) {
  check_sizes(cut, pieces.size(), whole.size());
  for_each_run(cut, [&](std::int64_t piece, std::int64_t place, std::size_t bytes) {
    std::memcpy(whole.data() + place, pieces.data() + piece, bytes);
  });
}

void split_pieces(std::span<const std::byte> whole, const Cut& cut, std::span<std::byte> pieces) {
  check_sizes(cut, pieces.size(), whole.size());
  for_each_run(cut, [&](std::int64_t piece, std::int64_t place, std::size_t bytes) {
    std::memcpy(pieces.data() + piece, whole.data() + place, bytes);
  });
}

}  // namespace ttx::ccl
