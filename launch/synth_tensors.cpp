// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tensors.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace ttx::launch {

namespace {

constexpr float kLogitSpread = 2.5F;
constexpr float kGemmaLogitSpread = 1.5F;
constexpr float kStreamGain = 8.0F;
constexpr float kSharpness = 1.3F;
constexpr float kAddedSize = 4.0F;
constexpr float kNormSpread = 0.1F;
constexpr float kBiasSpread = 0.1F;

float inverse_root(std::int64_t n) { return 1.0F / std::sqrt(static_cast<float>(n)); }

class Builder {
 public:
  explicit Builder(const SynthSizes& sizes) : family_(*sizes.family), sizes_(sizes) {}

  void matrix_of_tokens(const std::string& name, const std::string& values_of) {
    add(name, {sizes_.vocab, sizes_.hidden}, 0.0F,
        (family_.norms_add_one ? kGemmaLogitSpread : kLogitSpread) * inverse_root(sizes_.hidden));
    tensors.back().values_of = values_of;
  }

  void module(const std::string& prefix, const SynthRule& rule) {
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

  void linear(const std::string& name, const SynthRule& rule, float gain) {
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

  const SynthFamily& family_;
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
  const std::string prefix(sizes.multimodal ? sizes.family->multimodal_prefix : sizes.family->prefix);
  const std::string embedding = prefix + "embed_tokens.weight";
  Builder build(sizes);
  build.matrix_of_tokens(embedding, embedding);
  for (std::int64_t i = 0; i < sizes.layers; ++i) {
    for (const SynthRule& rule : sizes.family->layer) {
      build.module(fmt::format("{}layers.{}.", prefix, i), rule);
    }
  }
  build.module(prefix, {"norm", Role::kNorm, Size::kHidden});
  if (!sizes.tied || tied_head == TiedHead::kStored) {
    build.matrix_of_tokens("lm_head.weight", sizes.tied ? embedding : "lm_head.weight");
  }
  return std::move(build.tensors);
}

}  // namespace ttx::launch
