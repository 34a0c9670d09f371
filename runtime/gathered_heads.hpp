// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "runtime/host_tensor.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx {

/// The ranges `parts` of dim `dim` of a tensor of rank 1 or 2, one after the other, then zeros up to `size`:
/// a copy of the same dtype and name. What a device holds of a weight by heads when some of its heads are
/// zero heads, or repeated. Throws Error when a range lies outside, or the ranges together are longer than
/// `size`.
HostTensor gathered(const HostTensor& host, int dim, std::span<const Range> parts, std::int64_t size);

}  // namespace ttx
