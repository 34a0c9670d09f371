// SPDX-License-Identifier: Apache-2.0
//
// arcee-ai/AFM-4.5B on t3000: bfloat8_b weights, cache cap 256.
#include "models/arcee-ai/AFM-4.5B/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {2, 4},
    .weights = ttx::WeightTypes::all(ttx::DataType::BFLOAT8_B),
    .max_cache_seq_len = 256,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::arcee::ArceeForCausalLM>(kBringUp))
