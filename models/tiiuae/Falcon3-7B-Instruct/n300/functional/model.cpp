// SPDX-License-Identifier: Apache-2.0
//
// tiiuae/Falcon3-7B-Instruct on n300: bfloat8_b weights, cache cap 1024, height-sharded fill_cache.
#include "models/tiiuae/Falcon3-7B-Instruct/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {1, 2},
    .weights = ttx::WeightTypes::all(ttx::DataType::BFLOAT8_B),
    .max_cache_seq_len = 1024,
    .fill_cache = ttx::FillCacheInput::kHeightSharded,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::falcon3::Falcon3ForCausalLM>(kBringUp))
