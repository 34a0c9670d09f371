// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/hf/config.hpp"
#include "models/hf/config_families.hpp"
#include "models/hf/json_fields.hpp"

namespace ttx::hf {

/// Parts of Config::parse. Both throw Error (kCheckpoint) naming file, key, value and what was expected.
///
/// The sizes of the model, from hidden_size to max_position_embeddings.
void read_sizes(const JsonFields& fields, const ConfigFamily& family, Config& config);
/// sliding_window and layer_types; num_hidden_layers is already there.
void read_layer_types(const JsonFields& fields, const ConfigFamily& family, Config& config);

}  // namespace ttx::hf
