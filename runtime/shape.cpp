// SPDX-License-Identifier: Apache-2.0
#include "runtime/shape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx {

namespace {
constexpr std::int64_t kMaxVolume = std::int64_t{1} << 62;
}  // namespace

Shape::Shape(std::initializer_list<std::int64_t> sizes) : Shape(std::span(sizes.begin(), sizes.size())) {}

Shape::Shape(std::span<const std::int64_t> sizes) {
  TTX_CHECK(sizes.size() <= kMaxRank, "shape", "too many dims: got {}, expected at most {}", sizes.size(),
            kMaxRank);
  for (const std::int64_t size : sizes) {
    TTX_CHECK(size >= 0, "shape", "negative size: got {} in [{}]", size, fmt::join(sizes, ", "));
  }
  std::copy(sizes.begin(), sizes.end(), sizes_.begin());
  rank_ = static_cast<int>(sizes.size());
}

std::int64_t Shape::operator[](int dim) const {
  return sizes_[static_cast<std::size_t>(normalize_dim(dim, rank_, "shape"))];
}

Shape Shape::with(int dim, std::int64_t size) const {
  TTX_CHECK(size >= 0, "shape", "negative size: got {} for dim {}", size, dim);
  Shape result = *this;
  result.sizes_[static_cast<std::size_t>(normalize_dim(dim, rank_, "shape"))] = size;
  return result;
}

std::int64_t Shape::volume() const {
  std::int64_t product = 1;
  for (int i = 0; i < rank_; ++i) {
    const std::int64_t size = sizes_[static_cast<std::size_t>(i)];
    TTX_CHECK(!__builtin_mul_overflow(product, size, &product) && product <= kMaxVolume, "shape",
              "{} has more elements than can be counted", to_string());
  }
  return product;
}

Shape Shape::padded_to_tile() const {
  Shape result = *this;
  for (int i = std::max(0, rank_ - 2); i < rank_; ++i) {
    auto& size = result.sizes_[static_cast<std::size_t>(i)];
    size = round_up(size, kTile);
  }
  return result;
}

std::string Shape::to_string() const {
  return fmt::format("[{}]", fmt::join(sizes_.begin(), sizes_.begin() + rank_, ", "));
}

int normalize_dim(int dim, int rank, const char* op) {
  TTX_CHECK(dim >= -rank && dim < rank, op, "dim out of range: got {}, expected {} to {}", dim, -rank,
            rank - 1);
  return dim < 0 ? dim + rank : dim;
}

}  // namespace ttx
