// SPDX-License-Identifier: Apache-2.0
//
// tiiuae/Falcon3-7B-Instruct on n150: bfloat8_b weights, cache cap 1024.
#include "models/tiiuae/Falcon3-7B-Instruct/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {1, 1},
    .weights = ttx::WeightTypes::all(ttx::DataType::BFLOAT8_B),
    .max_cache_seq_len = 1024,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::falcon3::Falcon3ForCausalLM>(kBringUp))
