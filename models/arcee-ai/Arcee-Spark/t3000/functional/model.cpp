// SPDX-License-Identifier: Apache-2.0
//
// arcee-ai/Arcee-Spark on t3000: attention and down weights bfloat16, all others bfloat8_b, cache cap 512.
#include "models/arcee-ai/Arcee-Spark/model.hpp"

namespace {

constexpr ttx::BringUp kBringUp{
    .mesh_shape = {2, 4},
    .weights = {.embedding = ttx::DataType::BFLOAT8_B,
                .attention = ttx::DataType::BFLOAT16,
                .mlp = ttx::DataType::BFLOAT8_B,
                .down = ttx::DataType::BFLOAT16,
                .lm_head = ttx::DataType::BFLOAT8_B},
    .max_cache_seq_len = 512,
};

}  // namespace

TTX_MODEL_MODULE(ttx::module_of<ttx::qwen2::Qwen2ForCausalLM>(kBringUp))
