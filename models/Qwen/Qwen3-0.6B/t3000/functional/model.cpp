// SPDX-License-Identifier: Apache-2.0
//
// Qwen/Qwen3-0.6B on t3000: bfloat16 weights, no cache cap (the cache is max_seq_len long).
#include "models/Qwen/Qwen3-0.6B/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{.mesh_shape = {2, 4}};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::qwen3::Qwen3ForCausalLM>(kBringUp))
