// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/hf/config.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx::launch {

/// A config as ttx reads it, defaults of its class filled in: "key: value" lines, keys as in config.json
/// where it has them.
std::string config_lines(const hf::Config& config);

/// How a mesh would cut such a model: a line "heads: ..." and a line "per_device: 8 query heads, 3 KV heads,
/// 1280 intermediate columns, 24576 vocabulary rows". Throws Error(kMesh) on a mesh that cannot.
std::string mesh_lines(const hf::Config& config, MeshShape mesh);

}  // namespace ttx::launch
