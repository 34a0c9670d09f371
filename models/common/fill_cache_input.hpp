// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/common/bring_up.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// Keys or values [1, Nkv/tp, S, D] of prefill as `how` hands them to fill_cache. Height-sharded: one KV head
/// on each core of a grid of x * y = Nkv/tp, x the largest width of the device's grid that divides them.
/// Throws Error when there is no such grid.
Tensor fill_cache_input(const Tensor& heads, FillCacheInput how);

}  // namespace ttx
