// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "runtime/bfloat16.hpp"
#include "runtime/shape.hpp"

/// The sum of an all_reduce as a line of devices forms it (tt-metal,
/// ttnn/cpp/ttnn/operations/ccl/all_reduce): every partial sum is a bfloat16, rounded as Dst of bfloat16
/// rounds (rounding.hpp).
///   - A reduce_scatter and an all_gather where some dim, the last one first, has a multiple of N tiles (of
///     the last two dims; of others, elements). Slice i of N is formed on device i from what comes hop by
///     hop from both ends of the line:
///       (own + (((d0 + d1) + ..) + d(i-1))) + (((d(N-1) + d(N-2)) + ..) + d(i+1)).
///     Which end is added first depends on the version of tt-metal; here it is the lower one.
///   - Else everyone gathers all terms and adds them: here from device 0 on, each sum rounded (open).
/// So a sum may depend on the number of devices and on the shape of the tensor.
namespace ttx::device_numerics {

/// How the elements of a tensor fall to the devices of a line: of every `row` elements, `run` to each device
/// in turn; the last one may get fewer.
struct LineSlices {
  std::int64_t row = 1;
  std::int64_t run = 1;

  int owner(std::int64_t element) const { return static_cast<int>(element % row / run); }
};

/// None: the second rule holds.
std::optional<LineSlices> line_slices(const Shape& shape, int devices);

/// out[i] = the sum of element first + i of all terms, slice by slice.
void hop_sum(std::span<const bfloat16* const> terms, const std::optional<LineSlices>& slices,
             std::int64_t first, std::span<bfloat16> out);

/// The same of elements that all fall to one device.
void hop_sum(std::span<const bfloat16* const> terms, int owner, std::int64_t first, std::span<bfloat16> out);

}  // namespace ttx::device_numerics
