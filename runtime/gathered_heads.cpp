// SPDX-License-Identifier: Apache-2.0
#include "runtime/gathered_heads.hpp"

#include <cstring>

#include "runtime/error.hpp"

namespace ttx {

HostTensor gathered(const HostTensor& host, int dim, std::span<const Range> parts, std::int64_t size) {
  const Shape& shape = host.shape();
  TTX_CHECK(!host.is_transposed() && shape.rank() <= 2 && dim >= 0 && dim < shape.rank(), "gathered",
            "'{}': got {} on dim {}, expected rank 1 or 2, not transposed", host.name(), shape.to_string(),
            dim);
  std::int64_t taken = 0;
  for (const Range& part : parts) {
    TTX_CHECK(part.begin >= 0 && part.begin <= part.end && part.end <= shape[dim], "gathered",
              "'{}': range [{}, {}) lies outside dim {} of {}", host.name(), part.begin, part.end, dim,
              shape.to_string());
    taken += part.size();
  }
  TTX_CHECK(taken <= size, "gathered", "'{}': {} places taken of dim {}, more than the {} there are",
            host.name(), taken, dim, size);

  HostTensor result = HostTensor::zeros(host.name(), shape.with(dim, size), host.dtype());
  // Rows of the dims before `dim`, each a run of places of `place` bytes.
  const std::int64_t rows = dim == 0 ? 1 : shape[0];
  const std::int64_t elements = dim + 1 == shape.rank() ? 1 : shape[-1];
  const auto place = static_cast<std::size_t>(elements) * size_of(host.dtype());
  const std::byte* const from = host.bytes().data();
  std::byte* const to = result.mutable_bytes().data();
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int64_t at = row * size;
    for (const Range& part : parts) {
      std::memcpy(to + static_cast<std::size_t>(at) * place,
                  from + static_cast<std::size_t>(row * shape[dim] + part.begin) * place,
                  static_cast<std::size_t>(part.size()) * place);
      at += part.size();
    }
  }
  return result;
}

}  // namespace ttx
