// SPDX-License-Identifier: Apache-2.0
//
// mistralai/Mistral-7B-Instruct-v0.3 on n150: bfloat8_b weights, cache cap 1024, height-sharded fill_cache.
#include "models/mistralai/Mistral-7B-Instruct-v0.3/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {1, 1},
    .weights = ttx::WeightTypes::all(ttx::DataType::BFLOAT8_B),
    .max_cache_seq_len = 1024,
    .fill_cache = ttx::FillCacheInput::kHeightSharded,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::mistral::MistralForCausalLM>(kBringUp))
