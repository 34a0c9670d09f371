// SPDX-License-Identifier: Apache-2.0
//
// microsoft/Phi-3-mini-128k-instruct on t3000: bfloat16 weights, cache cap 256, height-sharded fill_cache.
#include "models/microsoft/Phi-3-mini-128k-instruct/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {2, 4},
    .max_cache_seq_len = 256,
    .fill_cache = ttx::FillCacheInput::kHeightSharded,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::phi3::Phi3ForCausalLM>(kBringUp))
