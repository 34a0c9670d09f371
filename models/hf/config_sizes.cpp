// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "models/hf/config_parts.hpp"

namespace ttx::hf {

namespace {

// Beyond any model; the bytes of all weights together stay below 2^63.
constexpr std::int64_t kMaxLayers = 4096;
constexpr std::int64_t kMaxHeads = 65536;
constexpr std::int64_t kMaxHeadDim = 1024;
constexpr std::int64_t kMaxHidden = std::int64_t{1} << 20;
constexpr std::int64_t kMaxIntermediate = std::int64_t{1} << 24;
constexpr std::int64_t kMaxVocab = std::int64_t{1} << 24;
constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

constexpr std::string_view kDefaultTaken = " (the class default; config.json does not say)";

std::int64_t size(const JsonFields& fields, const char* key, std::int64_t most, std::int64_t fallback) {
  return fallback == 0 ? fields.integer(key, 1, most)
                       : fields.optional_integer(key, 1, most).value_or(fallback);
}

void read_head_dim(const JsonFields& fields, const ConfigFamily& family, Config& config) {
  // Where the class has a number of its own, null may still mean: worked out from the others.
  const bool class_knows =
      family.head_dim != 0 && !(fields.has("head_dim") && family.null_head_dim_is_worked_out);
  const std::int64_t fallback =
      class_knows ? family.head_dim : config.hidden_size / config.num_attention_heads;
  config.head_dim = fields.optional_integer("head_dim", 2, kMaxHeadDim).value_or(fallback);
  if (config.head_dim % 2 != 0 || config.head_dim == 0 || config.head_dim > kMaxHeadDim) {
    fields.refuse(
        "head_dim",
        fmt::format("an even number up to {} (rotary embedding turns pairs){}", kMaxHeadDim,
                    fields.find("head_dim") != nullptr
                        ? ""
                        : fmt::format("; hidden_size / num_attention_heads gives {}", config.head_dim)));
  }
}

void read_key_value_heads(const JsonFields& fields, const ConfigFamily& family, Config& config) {
  const bool class_knows = family.num_key_value_heads != 0 && !fields.has("num_key_value_heads");
  config.num_key_value_heads =
      fields.optional_integer("num_key_value_heads", 1, kMaxHeads)
          .value_or(class_knows ? family.num_key_value_heads : config.num_attention_heads);
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.refuse("num_attention_heads",
                  fmt::format("a multiple of the {} key-value heads{}", config.num_key_value_heads,
                              class_knows ? kDefaultTaken : std::string_view()));
  }
}

/// For messages about sizes: each that the class fills in.
std::string defaults_taken(const JsonFields& fields, const ConfigFamily& family, const Config& config) {
  std::string text;
  const auto name = [&](const char* key, std::int64_t value, std::int64_t family_value) {
    if (!fields.has(key) && family_value != 0) {
      text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", key, value, kDefaultTaken);
    }
  };
  name("hidden_size", config.hidden_size, family.hidden_size);
  name("num_hidden_layers", config.num_hidden_layers, family.num_hidden_layers);
  name("num_attention_heads", config.num_attention_heads, family.num_attention_heads);
  name("intermediate_size", config.intermediate_size, family.intermediate_size);
  name("vocab_size", config.vocab_size, family.vocab_size);
  name("num_key_value_heads", config.num_key_value_heads, family.num_key_value_heads);
  name("head_dim", config.head_dim, family.head_dim);
  return text;
}

}  // namespace

void read_sizes(const JsonFields& fields, const ConfigFamily& family, Config& config) {
  config.hidden_size = size(fields, "hidden_size", kMaxHidden, family.hidden_size);
  config.num_hidden_layers = size(fields, "num_hidden_layers", kMaxLayers, family.num_hidden_layers);
  config.num_attention_heads = size(fields, "num_attention_heads", kMaxHeads, family.num_attention_heads);
  config.intermediate_size = size(fields, "intermediate_size", kMaxIntermediate, family.intermediate_size);
  config.vocab_size = size(fields, "vocab_size", kMaxVocab, family.vocab_size);
  config.max_position_embeddings =
      size(fields, "max_position_embeddings", kMaxInt32, family.max_position_embeddings);
  read_head_dim(fields, family, config);
  read_key_value_heads(fields, family, config);
  config.defaults_taken = defaults_taken(fields, family, config);
}

}  // namespace ttx::hf
