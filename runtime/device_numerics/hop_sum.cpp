// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/hop_sum.hpp"

#include <cstddef>

#include "runtime/device_numerics/rounding.hpp"

namespace ttx::device_numerics {

namespace {

using Terms = std::span<const bfloat16* const>;

float hop(float sum, float term) { return to_dest(sum + term, false); }

/// What arrives at the neighbour of `last`: the terms from `first` to `last`, whichever is greater.
float arriving(Terms terms, std::ptrdiff_t first, std::ptrdiff_t last, std::int64_t element) {
  const std::ptrdiff_t direction = first <= last ? 1 : -1;
  float sum = operand(terms[static_cast<std::size_t>(first)][element]);
  for (std::ptrdiff_t device = first; device != last; device += direction) {
    sum = hop(sum, operand(terms[static_cast<std::size_t>(device + direction)][element]));
  }
  return sum;
}

bfloat16 sum_at_owner(Terms terms, std::ptrdiff_t owner, std::int64_t element) {
  const std::ptrdiff_t last = std::ssize(terms) - 1;
  float sum = operand(terms[static_cast<std::size_t>(owner)][element]);
  if (owner > 0) {
    sum = hop(sum, arriving(terms, 0, owner - 1, element));
  }
  if (owner < last) {
    sum = hop(sum, arriving(terms, last, owner + 1, element));
  }
  return packed(sum);
}

}  // namespace

std::optional<LineSlices> line_slices(const Shape& shape, int devices) {
  std::int64_t inner = 1;
  for (int dim = shape.rank() - 1; dim >= 0; --dim) {
    const std::int64_t size = shape[dim];
    const std::int64_t unit = dim >= shape.rank() - 2 ? kTile : 1;
    const std::int64_t units = (size + unit - 1) / unit;
    if (units > 0 && units % devices == 0) {
      return LineSlices{size * inner, units / devices * unit * inner};
    }
    inner *= size;
  }
  return std::nullopt;
}

void hop_sum(Terms terms, const std::optional<LineSlices>& slices, std::int64_t first,
             std::span<bfloat16> out) {
  const std::ptrdiff_t last = std::ssize(terms) - 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t element = first + static_cast<std::int64_t>(i);
    out[i] = slices ? sum_at_owner(terms, slices->owner(element), element)
                    : packed(arriving(terms, 0, last, element));
  }
}

void hop_sum(Terms terms, int owner, std::int64_t first, std::span<bfloat16> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = sum_at_owner(terms, owner, first + static_cast<std::int64_t>(i));
  }
}

}  // namespace ttx::device_numerics
