// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_families.hpp"

#include <array>

namespace ttx::launch {

namespace {

constexpr SynthRule norm(std::string_view name) { return {name, Role::kNorm, Size::kHidden}; }

constexpr SynthRule kQ{"self_attn.q_proj", Role::kLinear, Size::kQuery, Size::kHidden, Bias::kAttention};
constexpr SynthRule kK{"self_attn.k_proj", Role::kLinear, Size::kKeyValue, Size::kHidden, Bias::kAttention};
constexpr SynthRule kV{"self_attn.v_proj", Role::kLinear, Size::kKeyValue, Size::kHidden, Bias::kAttention};
constexpr SynthRule kO{"self_attn.o_proj", Role::kLinearToStream, Size::kHidden, Size::kQuery,
                       Bias::kAttention};
constexpr SynthRule kQNorm{"self_attn.q_norm", Role::kHeadNorm, Size::kHead};
constexpr SynthRule kKNorm{"self_attn.k_norm", Role::kHeadNorm, Size::kHead};
constexpr SynthRule kGate{"mlp.gate_proj", Role::kLinear, Size::kIntermediate, Size::kHidden, Bias::kMlp};
constexpr SynthRule kUp{"mlp.up_proj", Role::kLinear, Size::kIntermediate, Size::kHidden, Bias::kMlp};
constexpr SynthRule kDown{"mlp.down_proj", Role::kLinearToStream, Size::kHidden, Size::kIntermediate,
                          Bias::kMlp};
constexpr SynthRule kInputNorm = norm("input_layernorm");
constexpr SynthRule kPostAttentionNorm = norm("post_attention_layernorm");

constexpr SynthRule with_bias(SynthRule rule, Bias bias) {
  rule.bias = bias;
  return rule;
}

constexpr std::array kLlama = {kQ, kK, kV, kO, kGate, kUp, kDown, kInputNorm, kPostAttentionNorm};
constexpr std::array kQwen2 = {with_bias(kQ, Bias::kAlways),
                               with_bias(kK, Bias::kAlways),
                               with_bias(kV, Bias::kAlways),
                               with_bias(kO, Bias::kNone),
                               kGate,
                               kUp,
                               kDown,
                               kInputNorm,
                               kPostAttentionNorm};
constexpr std::array kQwen3 = {
    kQ, kK, kV, kO, kQNorm, kKNorm, kGate, kUp, kDown, kInputNorm, kPostAttentionNorm};
constexpr std::array kPhi3 = {with_bias(kO, Bias::kNone),
                              SynthRule{"self_attn.qkv_proj", Role::kLinear, Size::kQueryKeyValue},
                              SynthRule{"mlp.gate_up_proj", Role::kLinear, Size::kGateAndUp},
                              kDown,
                              kInputNorm,
                              kPostAttentionNorm};
constexpr std::array kArcee = {kQ, kK, kV, kO, kUp, kDown, kInputNorm, kPostAttentionNorm};
constexpr std::array kGemma3 = {kQ,
                                kK,
                                kV,
                                kO,
                                kQNorm,
                                kKNorm,
                                kGate,
                                kUp,
                                kDown,
                                kInputNorm,
                                SynthRule{"post_attention_layernorm", Role::kAddedNorm, Size::kHidden},
                                norm("pre_feedforward_layernorm"),
                                SynthRule{"post_feedforward_layernorm", Role::kAddedNorm, Size::kHidden}};

constexpr std::array kFamilies = {
    SynthFamily{"qwen3", "Qwen3ForCausalLM", kQwen3},
    SynthFamily{"qwen2", "Qwen2ForCausalLM", kQwen2},
    SynthFamily{"llama", "LlamaForCausalLM", kLlama},
    SynthFamily{"mistral", "MistralForCausalLM", kLlama},
    SynthFamily{"phi3", "Phi3ForCausalLM", kPhi3},
    SynthFamily{"arcee", "ArceeForCausalLM", kArcee},
    SynthFamily{"gemma3_text", "Gemma3ForCausalLM", kGemma3, "model.", true, "Gemma3ForConditionalGeneration",
                "language_model.model."},
};

}  // namespace

std::span<const SynthFamily> synth_families() { return kFamilies; }

}  // namespace ttx::launch
