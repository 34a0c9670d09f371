// SPDX-License-Identifier: Apache-2.0
//
// meta-llama/Llama-3.2-1B on n300: bfloat16 weights, no cache cap (the cache is max_seq_len long).
#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{.mesh_shape = {1, 2}};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::llama::LlamaForCausalLM>(kBringUp))
