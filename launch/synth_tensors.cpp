// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tensors.hpp"

#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr float kLogitSpread = 2.5F;
constexpr float kGemmaLogitSpread = 1.5F;
constexpr float kStreamGain = 8.0F;
constexpr float kSharpness = 1.3F;
constexpr float kAddedSize = 4.0F;
constexpr float kNormSpread = 0.1F;
constexpr float kBiasSpread = 0.1F;

enum class Size { kHidden, kHead, kQuery, kKeyValue, kQueryKeyValue, kIntermediate, kGateAndUp };
enum class Role { kNorm, kHeadNorm, kAddedNorm, kLinear, kLinearToStream };
enum class Bias { kNone, kAlways, kAttention, kMlp };

/// One module of a layer. A norm has one size, a linear layer [out, in].
struct Rule {
  std::string_view name;
  Role role;
  Size out;
  Size in = Size::kHidden;
  Bias bias = Bias::kNone;
};

constexpr Rule norm(std::string_view name) { return {name, Role::kNorm, Size::kHidden}; }

constexpr Rule kQ{"self_attn.q_proj", Role::kLinear, Size::kQuery, Size::kHidden, Bias::kAttention};
constexpr Rule kK{"self_attn.k_proj", Role::kLinear, Size::kKeyValue, Size::kHidden, Bias::kAttention};
constexpr Rule kV{"self_attn.v_proj", Role::kLinear, Size::kKeyValue, Size::kHidden, Bias::kAttention};
constexpr Rule kO{"self_attn.o_proj", Role::kLinearToStream, Size::kHidden, Size::kQuery, Bias::kAttention};
constexpr Rule kQNorm{"self_attn.q_norm", Role::kHeadNorm, Size::kHead};
constexpr Rule kKNorm{"self_attn.k_norm", Role::kHeadNorm, Size::kHead};
constexpr Rule kGate{"mlp.gate_proj", Role::kLinear, Size::kIntermediate, Size::kHidden, Bias::kMlp};
constexpr Rule kUp{"mlp.up_proj", Role::kLinear, Size::kIntermediate, Size::kHidden, Bias::kMlp};
constexpr Rule kDown{"mlp.down_proj", Role::kLinearToStream, Size::kHidden, Size::kIntermediate, Bias::kMlp};
constexpr Rule kInputNorm = norm("input_layernorm");
constexpr Rule kPostAttentionNorm = norm("post_attention_layernorm");

constexpr Rule with_bias(Rule rule, Bias bias) {
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
                              Rule{"self_attn.qkv_proj", Role::kLinear, Size::kQueryKeyValue},
                              Rule{"mlp.gate_up_proj", Role::kLinear, Size::kGateAndUp},
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
                                Rule{"post_attention_layernorm", Role::kAddedNorm, Size::kHidden},
                                norm("pre_feedforward_layernorm"),
                                Rule{"post_feedforward_layernorm", Role::kAddedNorm, Size::kHidden}};

struct Family {
  std::string_view model_type;
  std::span<const Rule> layer;
  std::string_view prefix = "model.";
  bool norms_add_one = false;
  float logit_spread = kLogitSpread;
};

constexpr std::array kFamilies = {
    Family{"llama", kLlama},
    Family{"mistral", kLlama},
    Family{"qwen2", kQwen2},
    Family{"qwen3", kQwen3},
    Family{"phi3", kPhi3},
    Family{"arcee", kArcee},
    Family{"gemma3_text", kGemma3, "language_model.model.", true, kGemmaLogitSpread}};

const Family& family_of(const std::string& model_type) {
  for (const Family& family : kFamilies) {
    if (family.model_type == model_type) {
      return family;
    }
  }
  TTX_FAIL("synth", "model_type: got '{}', whose tensors are not known", model_type);
}

float inverse_root(std::int64_t n) { return 1.0F / std::sqrt(static_cast<float>(n)); }

class Builder {
 public:
  Builder(const Family& family, const SynthSizes& sizes) : family_(family), sizes_(sizes) {}

  void matrix_of_tokens(const std::string& name, const std::string& values_of) {
    add(name, {sizes_.vocab, sizes_.hidden}, 0.0F, family_.logit_spread * inverse_root(sizes_.hidden));
    tensors.back().values_of = values_of;
  }

  void module(const std::string& prefix, const Rule& rule) {
    const std::string name = prefix + std::string(rule.name);
    switch (rule.role) {
      case Role::kNorm:
        return norm(name, rule.out, 1.0F);
      case Role::kHeadNorm:
        return norm(name, rule.out, kSharpness);
      case Role::kAddedNorm:
        return norm(name, rule.out, kAddedSize);
      case Role::kLinear:
        return linear(name, rule, 1.0F);
      case Role::kLinearToStream:
        return linear(name, rule, kStreamGain * inverse_root(2 * sizes_.layers));
    }
  }

  std::vector<SynthTensor> tensors;

 private:
  void norm(const std::string& name, Size size, float mean) {
    add(name + ".weight", {size_of(size)}, family_.norms_add_one ? mean - 1.0F : mean, kNormSpread);
  }

  void linear(const std::string& name, const Rule& rule, float gain) {
    add(name + ".weight", {size_of(rule.out), size_of(rule.in)}, 0.0F, gain * inverse_root(size_of(rule.in)));
    if (rule.bias == Bias::kAlways || (rule.bias == Bias::kAttention && sizes_.attention_bias) ||
        (rule.bias == Bias::kMlp && sizes_.mlp_bias)) {
      add(name + ".bias", {size_of(rule.out)}, 0.0F, gain * kBiasSpread);
    }
  }

  std::int64_t size_of(Size size) const {
    const std::int64_t query = sizes_.heads * sizes_.head_dim;
    const std::int64_t key_value = sizes_.kv_heads * sizes_.head_dim;
    switch (size) {
      case Size::kHidden:
        return sizes_.hidden;
      case Size::kHead:
        return sizes_.head_dim;
      case Size::kQuery:
        return query;
      case Size::kKeyValue:
        return key_value;
      case Size::kQueryKeyValue:
        return query + 2 * key_value;
      case Size::kIntermediate:
        return sizes_.intermediate;
      case Size::kGateAndUp:
        return 2 * sizes_.intermediate;
    }
    return 0;
  }

  void add(const std::string& name, const std::vector<std::int64_t>& shape, float mean, float deviation) {
    tensors.push_back({name, {shape.begin(), shape.end()}, mean, deviation, name});
  }

  const Family& family_;
  const SynthSizes& sizes_;
};

}  // namespace

std::uint64_t SynthTensor::elements() const {
  std::uint64_t product = 1;
  for (const std::uint64_t size : shape) {
    product *= size;
  }
  return product;
}

std::vector<SynthTensor> synth_tensors(const SynthSizes& sizes, TiedHead tied_head) {
  const Family& family = family_of(sizes.model_type);
  const std::string prefix(family.prefix);
  const std::string embedding = prefix + "embed_tokens.weight";
  Builder build(family, sizes);
  build.matrix_of_tokens(embedding, embedding);
  for (std::int64_t i = 0; i < sizes.layers; ++i) {
    for (const Rule& rule : family.layer) {
      build.module(fmt::format("{}layers.{}.", prefix, i), rule);
    }
  }
  build.module(prefix, norm("norm"));
  if (!sizes.tied || tied_head == TiedHead::kStored) {
    build.matrix_of_tokens("lm_head.weight", sizes.tied ? embedding : "lm_head.weight");
  }
  return std::move(build.tensors);
}

}  // namespace ttx::launch
