// SPDX-License-Identifier: Apache-2.0
// Sources: transformers, models/<type>/configuration_<type>.py.
#include "models/hf/config_families.hpp"

#include <array>

namespace ttx::hf {

namespace {

constexpr ConfigFamily kQwen3{
    .model_type = "qwen3",
    .architecture = "Qwen3ForCausalLM",
    .num_key_value_heads = 32,
    .head_dim = 128,
    .max_position_embeddings = 32768,
    .attention_bias = BiasRule::kByConfig,
    .window = WindowRule::kUpper,
    .sliding_window = 4096,
    .layers_of_pattern = 28,
};

constexpr ConfigFamily kQwen2{
    .model_type = "qwen2",
    .architecture = "Qwen2ForCausalLM",
    .num_key_value_heads = 32,
    .max_position_embeddings = 32768,
    .attention_bias = BiasRule::kQueryKeyValue,
    .window = WindowRule::kUpper,
    .sliding_window = 4096,
    .layers_of_pattern = 28,
};

constexpr ConfigFamily kLlama{
    .model_type = "llama",
    .architecture = "LlamaForCausalLM",
    .max_position_embeddings = 2048,
    .attention_bias = BiasRule::kByConfig,
    .mlp_bias = BiasRule::kByConfig,
    .bos_token_id = 1,
    .eos_token_id = 2,
};

constexpr ConfigFamily kMistral{
    .model_type = "mistral",
    .architecture = "MistralForCausalLM",
    .num_key_value_heads = 8,
    .max_position_embeddings = 131072,
    .window = WindowRule::kAll,
    .sliding_window = 4096,
    .bos_token_id = 1,
    .eos_token_id = 2,
};

constexpr ConfigFamily kPhi3{
    .model_type = "phi3",
    .architecture = "Phi3ForCausalLM",
    .max_position_embeddings = 4096,
    .original_max_position_embeddings = 4096,
    .rms_norm_eps = 1e-5,
    .window = WindowRule::kAll,
    .bos_token_id = 1,
    .eos_token_id = 32000,
    .pad_token_id = 32000,
};

constexpr ConfigFamily kArcee{
    .model_type = "arcee",
    .architecture = "ArceeForCausalLM",
    .max_position_embeddings = 4096,
    .rms_norm_eps = 1e-5,
    .activation = "relu2",
    .attention_bias = BiasRule::kByConfig,
    .mlp_bias = BiasRule::kByConfig,
    .bos_token_id = 128000,
    .eos_token_id = 128001,
};

/// Published files leave most of it to the class.
constexpr ConfigFamily kGemma3{
    .model_type = "gemma3_text",
    .architecture = "Gemma3ForCausalLM",
    .hidden_size = 2304,
    .intermediate_size = 9216,
    .num_hidden_layers = 26,
    .num_attention_heads = 8,
    .vocab_size = 262208,
    .num_key_value_heads = 4,
    .head_dim = 256,
    .null_head_dim_is_worked_out = false,
    .max_position_embeddings = 131072,
    .tie_word_embeddings = true,
    .activation_key = "hidden_activation",
    .activation = "gelu_pytorch_tanh",
    .attention_bias = BiasRule::kByConfig,
    .query_pre_attn_scalar = 256.0,
    .rope_theta = 1e6,
    .rope_local_theta = 1e4,
    .window = WindowRule::kPattern,
    .sliding_window = 4096,
    .layers_of_pattern = 6,
    .bos_token_id = 2,
    .eos_token_id = 1,
    .pad_token_id = 0,
};

constexpr std::array kFamilies = {kQwen3, kQwen2, kLlama, kMistral, kPhi3, kArcee, kGemma3};

}  // namespace

std::span<const ConfigFamily> config_families() { return kFamilies; }

}  // namespace ttx::hf
