// SPDX-License-Identifier: Apache-2.0
#include "models/hf/config.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/json_fields.hpp"
#include "models/hf/model_files.hpp"
#include "runtime/strict_json.hpp"

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

/// Qwen3Config of transformers.
constexpr std::int64_t kDefaultKeyValueHeads = 32;
constexpr std::int64_t kDefaultHeadDim = 128;
constexpr std::int64_t kDefaultMaxPositions = 32768;
constexpr std::int64_t kDefaultSlidingWindow = 4096;
constexpr std::int64_t kDefaultMaxWindowLayers = 28;
constexpr std::string_view kDefaultTaken = " (the class default; config.json does not say)";
constexpr double kDefaultEps = 1e-6;
constexpr double kDefaultTheta = 10000.0;

void check_model(const JsonFields& fields, const Config& config) {
  if (config.model_type != "qwen3") {
    fields.refuse("model_type", "\"qwen3\", the one type that ttx has a model for");
  }
  if (!config.architectures.empty() && std::find(config.architectures.begin(), config.architectures.end(),
                                                 "Qwen3ForCausalLM") == config.architectures.end()) {
    fields.refuse("architectures", "\"Qwen3ForCausalLM\" among them");
  }
  if (fields.find("quantization_config") != nullptr) {
    fields.refuse("quantization_config", "none: ttx reads bfloat16, float16 and float32 weights");
  }
}

void read_sizes(const JsonFields& fields, Config& config) {
  config.hidden_size = fields.integer("hidden_size", 1, kMaxHidden);
  config.num_hidden_layers = fields.integer("num_hidden_layers", 1, kMaxLayers);
  config.num_attention_heads = fields.integer("num_attention_heads", 1, kMaxHeads);
  config.intermediate_size = fields.integer("intermediate_size", 1, kMaxIntermediate);
  config.vocab_size = fields.integer("vocab_size", 1, kMaxVocab);
  config.max_position_embeddings =
      fields.optional_integer("max_position_embeddings", 1, kMaxInt32).value_or(kDefaultMaxPositions);
  // The class takes null for a value worked out from the others, and an absent key for its own default.
  const std::int64_t head_dim =
      fields.has("head_dim") ? config.hidden_size / config.num_attention_heads : kDefaultHeadDim;
  config.head_dim = fields.optional_integer("head_dim", 2, kMaxHeadDim).value_or(head_dim);
  if (config.head_dim % 2 != 0 || config.head_dim == 0 || config.head_dim > kMaxHeadDim) {
    fields.refuse(
        "head_dim",
        fmt::format("an even number up to {} (rotary embedding turns pairs){}", kMaxHeadDim,
                    fields.find("head_dim") != nullptr
                        ? ""
                        : fmt::format("; hidden_size / num_attention_heads gives {}", config.head_dim)));
  }
  const auto kv_heads = fields.optional_integer("num_key_value_heads", 1, kMaxHeads);
  const std::int64_t without =
      fields.has("num_key_value_heads") ? config.num_attention_heads : kDefaultKeyValueHeads;
  config.num_key_value_heads = kv_heads.value_or(without);
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.refuse("num_attention_heads",
                  fmt::format("a multiple of the {} key-value heads{}", config.num_key_value_heads,
                              fields.has("num_key_value_heads") ? "" : kDefaultTaken));
  }
  for (const auto& [key, value] : {std::pair("num_key_value_heads", config.num_key_value_heads),
                                   std::pair("head_dim", config.head_dim)}) {
    if (!fields.has(key)) {
      config.defaults_taken +=
          fmt::format("{}{} {}{}", config.defaults_taken.empty() ? "" : ", ", key, value, kDefaultTaken);
    }
  }
}

void read_window(const JsonFields& fields, Config& config) {
  config.use_sliding_window = fields.optional_boolean("use_sliding_window").value_or(false);
  config.max_window_layers =
      fields.optional_integer("max_window_layers", 0, kMaxInt32).value_or(kDefaultMaxWindowLayers);
  const auto window = fields.optional_integer("sliding_window", 1, kMaxInt32);
  if (config.use_sliding_window) {
    config.sliding_window = fields.has("sliding_window") ? window : std::optional(kDefaultSlidingWindow);
  }
  config.layer_types = fields.strings("layer_types");
  const auto layers = static_cast<std::size_t>(config.num_hidden_layers);
  if (config.layer_types.empty()) {
    config.layer_types.assign(layers, "full_attention");
    for (std::size_t i = static_cast<std::size_t>(config.max_window_layers);
         config.sliding_window && i < layers; ++i) {
      config.layer_types[i] = "sliding_attention";
    }
  }
  if (config.layer_types.size() != layers) {
    fields.refuse("layer_types", fmt::format("{} entries, one per layer", layers));
  }
  for (const auto& type : config.layer_types) {
    if (type == "sliding_attention" && !config.sliding_window) {
      fields.refuse("layer_types",
                    "no sliding_attention, as use_sliding_window and sliding_window are not set");
    }
    if (type != "full_attention" && type != "sliding_attention") {
      fields.refuse("layer_types", "full_attention or sliding_attention for each layer");
    }
  }
}

std::string read_dtype(const JsonFields& fields) {
  const auto old_name = fields.optional_string("torch_dtype");
  const auto new_name = fields.optional_string("dtype");
  if (old_name && new_name && *old_name != *new_name) {
    fields.refuse("dtype", fmt::format("'{}', as torch_dtype says", *old_name));
  }
  return new_name ? *new_name : old_name.value_or("");
}

}  // namespace

Config Config::parse(std::string_view json, const std::string& file) {
  const nlohmann::json root = parse_strict_json(json, "config", file);
  const JsonFields fields(root, "config", file);
  Config config;
  config.model_type = fields.optional_string("model_type").value_or("");
  config.architectures = fields.strings("architectures");
  check_model(fields, config);
  read_sizes(fields, config);
  config.rms_norm_eps = fields.optional_number("rms_norm_eps").value_or(kDefaultEps);
  if (!(config.rms_norm_eps > 0.0 && config.rms_norm_eps < 1.0)) {
    fields.refuse("rms_norm_eps", "a number between 0 and 1");
  }
  config.hidden_act = fields.optional_string("hidden_act").value_or("silu");
  config.tie_word_embeddings = fields.optional_boolean("tie_word_embeddings").value_or(false);
  config.attention_bias = fields.optional_boolean("attention_bias").value_or(false);
  config.rope = RopeConfig::read(fields, kDefaultTheta);
  read_window(fields, config);
  config.eos_token_ids = fields.token_ids("eos_token_id");
  config.bos_token_id = fields.token_id("bos_token_id");
  config.pad_token_id = fields.token_id("pad_token_id");
  config.dtype = read_dtype(fields);
  return config;
}

Config Config::read(const std::filesystem::path& file) { return parse(read_model_text(file), file.string()); }

}  // namespace ttx::hf
