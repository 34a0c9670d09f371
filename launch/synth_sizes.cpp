// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_sizes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "models/hf/config.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

/// The attention ops of a device take no others, so no program could run the checkpoint.
constexpr std::int64_t kHeadStep = 32;
constexpr std::int64_t kMostHeadDim = 256;

const SynthFamily& family_of(const hf::Config& config) {
  const auto families = synth_families();
  return *std::find_if(families.begin(), families.end(),
                       [&](const SynthFamily& family) { return family.model_type == config.model_type; });
}

void take_sizes(const hf::Config& config, SynthSizes& sizes) {
  sizes.family = &family_of(config);
  sizes.multimodal = config.multimodal;
  sizes.hidden = config.hidden_size;
  sizes.layers = config.num_hidden_layers;
  sizes.heads = config.num_attention_heads;
  sizes.kv_heads = config.num_key_value_heads;
  sizes.head_dim = config.head_dim;
  sizes.intermediate = config.intermediate_size;
  sizes.vocab = config.vocab_size;
  sizes.tied = config.tie_word_embeddings;
  sizes.attention_bias = config.attention_bias;
  sizes.mlp_bias = config.mlp_bias;
}

std::string dtype_of(const hf::Config& config) {
  return config.dtype == "float16" || config.dtype == "float32" ? config.dtype : "bfloat16";
}

}  // namespace

SynthSizes SynthSizes::read(std::string_view json, const std::string& file) {
  const hf::Config config = hf::Config::parse(json, file);
  SynthSizes sizes;
  take_sizes(config, sizes);
  if (sizes.head_dim % kHeadStep != 0 || sizes.head_dim == 0 || sizes.head_dim > kMostHeadDim) {
    fail("config",
         fmt::format("{}: head_dim: got {}, expected a multiple of {} up to {}", file, sizes.head_dim,
                     kHeadStep, kMostHeadDim),
         ExitCode::kCheckpoint);
  }
  sizes.dtype = dtype_of(config);
  return sizes;
}

}  // namespace ttx::launch
