// SPDX-License-Identifier: Apache-2.0
#include "models/common/fill_cache_input.hpp"

#include <algorithm>

#include "runtime/error.hpp"
#include "runtime/memory_config.hpp"
#include "runtime/ops.hpp"

namespace ttx {

Tensor fill_cache_input(const Tensor& heads, FillCacheInput how) {
  if (how == FillCacheInput::kInterleaved) {
    return heads;
  }
  const DeviceProfile& profile = heads.device().profile();
  const auto count = static_cast<int>(heads.shape()[1]);
  int x = std::min(count, profile.core_grid_x);
  while (count % x != 0) {
    --x;
  }
  const int y = count / x;
  TTX_CHECK(
      y <= profile.core_grid_y, "fill_cache",
      "{} KV heads do not divide over the core grid: got {} x {} cores, expected at most {} x {}; run on a "
      "larger mesh",
      count, x, y, profile.core_grid_x, profile.core_grid_y);
  return interleaved_to_sharded(
      heads, create_sharded_memory_config(heads.padded_shape(), {x, y}, ShardStrategy::HEIGHT));
}

}  // namespace ttx
