// SPDX-License-Identifier: Apache-2.0
#include "models/hf/config.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/config_families.hpp"
#include "models/hf/config_parts.hpp"
#include "models/hf/json_fields.hpp"
#include "models/hf/model_files.hpp"
#include "runtime/error.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::hf {

namespace {

constexpr const char* kMultimodal = "gemma3";
constexpr std::string_view kMultimodalText = "gemma3_text";
constexpr std::string_view kMultimodalClass = "Gemma3ForConditionalGeneration";

const ConfigFamily& family_of(const JsonFields& fields, bool multimodal) {
  const std::string type =
      fields.optional_string("model_type").value_or(multimodal ? std::string(kMultimodalText) : "");
  if (multimodal && type != kMultimodalText) {
    fields.refuse("model_type", fmt::format("\"{}\" inside \"{}\"", kMultimodalText, kMultimodal));
  }
  const auto families = config_families();
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const ConfigFamily& family) { return family.model_type == type; });
  if (found == families.end()) {
    std::vector<std::string_view> known;
    known.reserve(families.size());
    for (const ConfigFamily& family : families) {
      known.push_back(family.model_type);
    }
    fields.refuse("model_type",
                  fmt::format("one of {}, {}; another kind needs a reader in models/hf/config_families.cpp",
                              fmt::join(known, ", "), kMultimodal));
  }
  return *found;
}

void check_architecture(const JsonFields& outer, std::string_view expected, const Config& config) {
  if (!config.architectures.empty() && std::find(config.architectures.begin(), config.architectures.end(),
                                                 expected) == config.architectures.end()) {
    outer.refuse("architectures", fmt::format("\"{}\" among them", expected));
  }
}

/// What would make another model of it.
void check_supported(const JsonFields& fields) {
  if (fields.find("quantization_config") != nullptr) {
    fields.refuse("quantization_config", "none: ttx reads bfloat16, float16 and float32 weights");
  }
  if (fields.optional_boolean("use_bidirectional_attention").value_or(false)) {
    fields.refuse("use_bidirectional_attention", "false: ttx runs causal language models");
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

void read_biases(const JsonFields& fields, const ConfigFamily& family, Config& config) {
  const bool attention = fields.optional_boolean("attention_bias").value_or(false);
  const bool mlp = fields.optional_boolean("mlp_bias").value_or(false);
  config.attention_bias = family.attention_bias == BiasRule::kQueryKeyValue ||
                          (family.attention_bias == BiasRule::kByConfig && attention);
  config.attention_output_bias = family.attention_bias == BiasRule::kByConfig && attention;
  config.mlp_bias = family.mlp_bias == BiasRule::kByConfig && mlp;
}

std::optional<double> above_zero(const JsonFields& fields, const char* key, std::optional<double> fallback) {
  const auto value = fields.optional_number(key);
  if (value && !(*value > 0.0)) {
    fields.refuse(key, "a number above 0");
  }
  return value ? value : fallback;
}

void read_arithmetic(const JsonFields& fields, const ConfigFamily& family, Config& config) {
  config.rms_norm_eps = fields.optional_number("rms_norm_eps").value_or(family.rms_norm_eps);
  if (!(config.rms_norm_eps > 0.0 && config.rms_norm_eps < 1.0)) {
    fields.refuse("rms_norm_eps", "a number between 0 and 1");
  }
  const std::string key(family.activation_key);
  config.hidden_act = fields.optional_string(key).value_or(std::string(family.activation));
  read_biases(fields, family, config);
  if (family.query_pre_attn_scalar) {
    config.query_pre_attn_scalar = above_zero(fields, "query_pre_attn_scalar", family.query_pre_attn_scalar);
    config.attn_logit_softcapping = above_zero(fields, "attn_logit_softcapping", std::nullopt);
    config.final_logit_softcapping = above_zero(fields, "final_logit_softcapping", std::nullopt);
  }
  const std::int64_t original = family.original_max_position_embeddings;
  const RopeConfigs rope = read_rope(
      fields, {.theta = family.rope_theta,
               .local_theta = family.rope_local_theta,
               .is_phi3 = family.model_type == "phi3",
               .head_dim = config.head_dim,
               .max_position_embeddings = config.max_position_embeddings,
               .original_max_position_embeddings = original > 0 ? original : config.max_position_embeddings});
  config.rope = rope.global;
  config.rope_local = rope.local;
}

/// An absent key has the default of the class, null means none.
std::optional<std::int32_t> token_or(const JsonFields& fields, const char* key,
                                     std::optional<std::int32_t> fallback) {
  return fields.has(key) ? fields.token_id(key) : fallback;
}

/// Of a multimodal file, `outer` comes first and `fields` is what the language model says.
void read_tokens(const JsonFields& outer, const JsonFields& fields, const ConfigFamily& family,
                 Config& config) {
  const auto from = [&](const char* key) -> const JsonFields& { return outer.has(key) ? outer : fields; };
  config.eos_token_ids = from("eos_token_id").token_ids("eos_token_id");
  if (!from("eos_token_id").has("eos_token_id") && family.eos_token_id) {
    config.eos_token_ids = {*family.eos_token_id};
  }
  config.bos_token_id = token_or(from("bos_token_id"), "bos_token_id", family.bos_token_id);
  config.pad_token_id = token_or(from("pad_token_id"), "pad_token_id", family.pad_token_id);
}

}  // namespace

Config Config::parse(std::string_view json, const std::string& file) {
  const nlohmann::json root = parse_strict_json(json, "config", file);
  const JsonFields outer(root, "config", file);
  Config config;
  config.multimodal = outer.optional_string("model_type").value_or("") == kMultimodal;
  if (config.multimodal && outer.find("text_config") == nullptr) {
    outer.refuse("text_config", "the settings of the language model");
  }
  const JsonFields fields(config.multimodal ? root["text_config"] : root, "config", file,
                          config.multimodal ? "text_config." : "");
  const ConfigFamily& family = family_of(fields, config.multimodal);
  config.model_type = family.model_type;
  config.architectures = outer.strings("architectures");
  check_architecture(outer, config.multimodal ? kMultimodalClass : family.architecture, config);
  check_supported(outer);
  check_supported(fields);
  read_sizes(fields, family, config);
  read_arithmetic(fields, family, config);
  read_layer_types(fields, family, config);
  config.tie_word_embeddings =
      fields.optional_boolean("tie_word_embeddings")
          .value_or(outer.optional_boolean("tie_word_embeddings").value_or(family.tie_word_embeddings));
  read_tokens(outer, fields, family, config);
  config.dtype = read_dtype(outer);
  if (config.dtype.empty()) {
    config.dtype = read_dtype(fields);
  }
  return config;
}

void Config::choose(YarnFactor choice) {
  if (choice == YarnFactor::kFile) {
    return;
  }
  TTX_CHECK_AS(
      rope.type == "yarn" || rope_local.type == "yarn", ExitCode::kUsage, "config",
      "yarn factor by length ratio: got a model of rope type \"{}\", expected \"yarn\"; leave the choice out",
      rope.type);
  for (RopeConfig* const one : {&rope, &rope_local}) {
    if (one->type == "yarn") {
      one->factor = one->length_ratio();
    }
  }
}

Config Config::read(const std::filesystem::path& file) { return parse(read_model_text(file), file.string()); }

}  // namespace ttx::hf
