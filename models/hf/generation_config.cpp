// SPDX-License-Identifier: Apache-2.0
#include "models/hf/generation_config.hpp"

#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/json_fields.hpp"
#include "models/hf/model_files.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::hf {

namespace {

using nlohmann::json;

/// When a field of generation_config.json acts on greedy search, as transformers' generation/utils.py decides
/// it.
enum class Active {
  kAboveZero,  ///< a number > 0
  kAboveOne,   ///< a number > 1
  kNotOne,     ///< a number other than 1
  kTrue,       ///< true
  kNotEmpty,   ///< set, and not an empty list, object or string
};

struct Field {
  const char* name;
  Active active;
};

/// Left out on purpose, as the greedy tokens stay the same: all warpers of sampling, length_penalty and
/// early_stopping (beams only), renormalize_logits, remove_invalid_values (finite logits),
/// prompt_lookup_num_tokens and other assisted decoding (verified against the greedy choice), cache settings
/// other than a quantised cache.
constexpr Field kFields[] = {{"no_repeat_ngram_size", Active::kAboveZero},
                             {"encoder_no_repeat_ngram_size", Active::kAboveZero},
                             {"encoder_repetition_penalty", Active::kNotOne},
                             {"guidance_scale", Active::kNotOne},
                             {"penalty_alpha", Active::kAboveZero},
                             {"max_time", Active::kNotEmpty},
                             {"num_beams", Active::kAboveOne},
                             {"num_beam_groups", Active::kAboveOne},
                             {"num_return_sequences", Active::kAboveOne},
                             {"token_healing", Active::kTrue},
                             {"bad_words_ids", Active::kNotEmpty},
                             {"force_words_ids", Active::kNotEmpty},
                             {"constraints", Active::kNotEmpty},
                             {"sequence_bias", Active::kNotEmpty},
                             {"forced_bos_token_id", Active::kNotEmpty},
                             {"forced_eos_token_id", Active::kNotEmpty},
                             {"suppress_tokens", Active::kNotEmpty},
                             {"begin_suppress_tokens", Active::kNotEmpty},
                             {"exponential_decay_length_penalty", Active::kNotEmpty},
                             {"stop_strings", Active::kNotEmpty},
                             {"watermarking_config", Active::kNotEmpty},
                             {"dola_layers", Active::kNotEmpty}};

bool is_active(const JsonFields& fields, const Field& field) {
  switch (field.active) {
    case Active::kAboveZero:
      return fields.optional_number(field.name).value_or(0.0) > 0.0;
    case Active::kAboveOne:
      return fields.optional_number(field.name).value_or(1.0) > 1.0;
    case Active::kNotOne:
      return fields.optional_number(field.name).value_or(1.0) != 1.0;
    case Active::kTrue:
      return fields.optional_boolean(field.name).value_or(false);
    case Active::kNotEmpty: {
      const json* const value = fields.find(field.name);
      if (value == nullptr) {
        return false;
      }
      return value->is_string() ? !value->get_ref<const std::string&>().empty()
                                : !value->is_structured() || !value->empty();
    }
  }
  return false;
}

std::vector<std::string> active_fields(const JsonFields& fields, const GenerationConfig& config) {
  std::vector<std::string> active;
  const auto add = [&](const char* name) {
    active.push_back(fmt::format("{}: {}", name, fields.find(name)->dump()));
  };
  for (const Field& field : kFields) {
    if (is_active(fields, field)) {
      add(field.name);
    }
  }
  // Forbids the end-of-sequence tokens, so without them it does nothing.
  if (config.min_length.value_or(0) > 0 && !config.min_new_tokens && !config.eos_token_ids.empty()) {
    add("min_length");
  }
  if (fields.optional_string("cache_implementation") == "quantized") {
    add("cache_implementation");
  }
  return active;
}

/// Sampling settings do nothing in greedy search, but a wrong type is a damaged file all the same. A top_k
/// of 0 or -1 is how published files say "off".
void check_sampling_types(const JsonFields& fields) {
  fields.optional_boolean("do_sample");
  for (const char* name : {"temperature", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"}) {
    fields.optional_number(name);
  }
  fields.optional_integer("top_k", -1);
}

}  // namespace

GenerationConfig GenerationConfig::parse(std::string_view text, const std::string& file) {
  const json root = parse_strict_json(text, "generation_config", file);
  const JsonFields fields(root, "generation_config", file);
  GenerationConfig config;
  config.eos_token_ids = fields.token_ids("eos_token_id");
  config.bos_token_id = fields.token_id("bos_token_id");
  config.pad_token_id = fields.token_id("pad_token_id");
  config.repetition_penalty = fields.optional_number("repetition_penalty").value_or(1.0);
  if (!(config.repetition_penalty > 0.0)) {
    fields.refuse("repetition_penalty", "a number above 0");
  }
  config.max_new_tokens = fields.optional_integer("max_new_tokens", 1);
  config.max_length = fields.optional_integer("max_length", 0);
  config.min_new_tokens = fields.optional_integer("min_new_tokens", 0);
  config.min_length = fields.optional_integer("min_length", 0);
  check_sampling_types(fields);
  config.unsupported_in_greedy = active_fields(fields, config);
  return config;
}

GenerationConfig GenerationConfig::read(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::path file = folder / "generation_config.json";
  // A link to nowhere is not an absent file.
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
    file = folder / "config.json";
  }
  return parse(read_model_text(file), file.string());
}

}  // namespace ttx::hf
