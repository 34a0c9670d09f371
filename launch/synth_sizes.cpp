// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_sizes.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/config.hpp"
#include "models/hf/json_fields.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::launch {

namespace {

// Beyond any model; the bytes of all weights together stay below 2^63.
constexpr std::int64_t kMostLayers = 4096;
constexpr std::int64_t kMostHeads = 4096;
constexpr std::int64_t kMostSize = std::int64_t{1} << 20;
constexpr std::int64_t kMostVocab = std::int64_t{1} << 24;

/// The attention ops of a device take no others, so no program could run the checkpoint.
constexpr std::int64_t kHeadStep = 32;
constexpr std::int64_t kMostHeadDim = 256;

const SynthFamily& family_of(const hf::JsonFields& fields) {
  const std::string type = fields.optional_string("model_type").value_or("");
  const auto families = synth_families();
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const SynthFamily& family) { return family.model_type == type; });
  if (found == families.end()) {
    std::vector<std::string_view> known;
    known.reserve(families.size());
    for (const SynthFamily& family : families) {
      known.push_back(family.model_type);
    }
    fields.refuse("model_type", fmt::format("one of {}", fmt::join(known, ", ")));
  }
  return *found;
}

std::int64_t size_or(const hf::JsonFields& fields, const char* key, std::int64_t most,
                     std::int64_t fallback) {
  return fallback == 0 ? fields.integer(key, 1, most)
                       : fields.optional_integer(key, 1, most).value_or(fallback);
}

void read_sizes(const hf::JsonFields& fields, const SynthFamily& family, SynthSizes& sizes) {
  sizes.hidden = fields.integer("hidden_size", 1, kMostSize);
  sizes.layers = fields.integer("num_hidden_layers", 1, kMostLayers);
  sizes.heads = size_or(fields, "num_attention_heads", kMostHeads, family.heads);
  sizes.kv_heads =
      size_or(fields, "num_key_value_heads", kMostHeads, family.kv_heads > 0 ? family.kv_heads : sizes.heads);
  sizes.head_dim = fields.optional_integer("head_dim", 1, kMostSize)
                       .value_or(family.head_dim > 0 ? family.head_dim : sizes.hidden / sizes.heads);
  sizes.intermediate = fields.integer("intermediate_size", 1, kMostSize);
  sizes.vocab = size_or(fields, "vocab_size", kMostVocab, family.vocab);
  sizes.tied = fields.optional_boolean("tie_word_embeddings").value_or(family.tied);
  sizes.attention_bias = fields.optional_boolean("attention_bias").value_or(false);
  sizes.mlp_bias = fields.optional_boolean("mlp_bias").value_or(false);
  if (sizes.heads % sizes.kv_heads != 0) {
    fields.refuse("num_attention_heads", fmt::format("a multiple of the {} key-value heads", sizes.kv_heads));
  }
}

/// The config that ttx runs: what it refuses is refused here too, in the same words.
void take_sizes(const hf::Config& config, SynthSizes& sizes) {
  sizes.hidden = config.hidden_size;
  sizes.layers = config.num_hidden_layers;
  sizes.heads = config.num_attention_heads;
  sizes.kv_heads = config.num_key_value_heads;
  sizes.head_dim = config.head_dim;
  sizes.intermediate = config.intermediate_size;
  sizes.vocab = config.vocab_size;
  sizes.tied = config.tie_word_embeddings;
  sizes.attention_bias = config.attention_bias;
}

std::string dtype_of(const hf::JsonFields& fields) {
  const auto name = fields.optional_string("dtype");
  const std::string dtype = name ? *name : fields.optional_string("torch_dtype").value_or("");
  return dtype == "float16" || dtype == "float32" ? dtype : "bfloat16";
}

}  // namespace

SynthSizes SynthSizes::read(std::string_view json, const std::string& file) {
  const nlohmann::json root = parse_strict_json(json, "config", file);
  const hf::JsonFields outer(root, "config", file);
  const nlohmann::json* text = outer.find("text_config");
  const hf::JsonFields fields(text != nullptr ? *text : root, "config", file,
                              text != nullptr ? "text_config." : "");
  const SynthFamily& family = family_of(fields);
  SynthSizes sizes;
  sizes.family = &family;
  if (family.model_type == "qwen3") {
    take_sizes(hf::Config::parse(json, file), sizes);
  } else {
    read_sizes(fields, family, sizes);
  }
  if (sizes.head_dim % kHeadStep != 0 || sizes.head_dim == 0 || sizes.head_dim > kMostHeadDim) {
    fields.refuse_text(fmt::format("head_dim: got {}, expected a multiple of {} up to {}", sizes.head_dim,
                                   kHeadStep, kMostHeadDim));
  }
  sizes.dtype = dtype_of(outer);
  return sizes;
}

}  // namespace ttx::launch
