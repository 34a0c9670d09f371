// SPDX-License-Identifier: Apache-2.0
//
// humain-ai/ALLaM-7B-Instruct-preview on t3000: bfloat8_b weights, cache cap 256, height-sharded fill_cache.
#include "models/humain-ai/ALLaM-7B-Instruct-preview/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {2, 4},
    .weights = ttx::WeightTypes::all(ttx::DataType::BFLOAT8_B),
    .max_cache_seq_len = 256,
    .fill_cache = ttx::FillCacheInput::kHeightSharded,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::allam::AllamForCausalLM>(kBringUp))
