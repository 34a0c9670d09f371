// SPDX-License-Identifier: Apache-2.0
//
// google/gemma-3-4b-it on n150: bfloat8_b weights, cache cap 256.
#include "models/google/gemma-3-4b-it/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {1, 1},
    .weights = ttx::WeightTypes::all(ttx::DataType::BFLOAT8_B),
    .max_cache_seq_len = 256,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::gemma3::Gemma3ForCausalLM>(kBringUp))
