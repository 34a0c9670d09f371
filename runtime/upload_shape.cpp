// SPDX-License-Identifier: Apache-2.0
#include "runtime/upload_shape.hpp"

#include <algorithm>
#include <vector>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr int kRank = 4;

}  // namespace

Shape extended(const Shape& shape) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(std::max(0, kRank - shape.rank())), 1);
  for (int i = 0; i < shape.rank(); ++i) {
    sizes.push_back(shape[i]);
  }
  return Shape(std::span<const std::int64_t>(sizes));
}

Range range_of(const Upload& how, const Shape& shape, int dim) {
  return how.placement.is_sharded(dim) ? how.piece : Range{0, shape[dim]};
}

Shape local_shape(const HostTensor& host, const Upload& how) {
  const Shape shape = extended(host.shape());
  TTX_CHECK(!how.placement.is_partial(), kUploadOp,
            "'{}': a host tensor cannot become partial; replicate or shard it", host.name());
  if (how.placement.is_replicated()) {
    return shape;
  }
  const int dim = how.placement.dim;
  TTX_CHECK(dim >= 0 && dim < shape.rank(), kUploadOp, "'{}': cannot shard dim {} of {}", host.name(), dim,
            shape.to_string());
  TTX_CHECK(how.piece.begin >= 0 && how.piece.begin < how.piece.end && how.piece.end <= shape[dim], kUploadOp,
            "'{}': piece [{}, {}) of dim {} does not lie in {}", host.name(), how.piece.begin, how.piece.end,
            dim, shape.to_string());
  return shape.with(dim, how.piece.size());
}

}  // namespace ttx
