// SPDX-License-Identifier: Apache-2.0
#include "models/common/fill_cache_input.hpp"

#include "runtime/memory_config.hpp"
#include "runtime/ops.hpp"

namespace ttx {

Tensor fill_cache_input(const Tensor& heads, FillCacheInput how) {
  if (how == FillCacheInput::kInterleaved) {
    return heads;
  }
  const DeviceProfile& profile = heads.device().profile();
  const CoreGrid grid = core_grid_of(heads.shape()[1], {profile.core_grid_x, profile.core_grid_y});
  return interleaved_to_sharded(
      heads, create_sharded_memory_config(heads.padded_shape(), grid, ShardStrategy::HEIGHT));
}

}  // namespace ttx
