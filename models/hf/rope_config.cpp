// SPDX-License-Identifier: Apache-2.0
#include "models/hf/rope_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/json_fields.hpp"
#include "models/hf/rope_block.hpp"

namespace ttx::hf {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kTypes = {"default", "linear", "dynamic",
                                                    "llama3",  "yarn",   "longrope"};
constexpr double kMostPositions = std::numeric_limits<std::int32_t>::max();

/// Settings of one kind of layer, with the place where their theta stands.
struct Found {
  std::string key;  ///< for messages
  std::optional<RopeBlock> block;
  std::optional<double> theta;
};

[[noreturn]] void refuse(const JsonFields& config, const std::string& key, const std::string& name,
                         double got, std::string_view expected) {
  config.refuse_text(fmt::format("{}.{}: got {}, expected {}", key, name, got, expected));
}

double positive(const JsonFields& config, const Found& found, const std::string& name, double fallback) {
  const double value = found.block->number(name).value_or(fallback);
  if (!(value > 0.0 && std::isfinite(value))) {
    refuse(config, found.key, name, value, "a number above 0");
  }
  return value;
}

double required(const JsonFields& config, const Found& found, const std::string& name) {
  if (!found.block->number(name)) {
    config.refuse(found.key, fmt::format("{} with rope type {}", name, found.block->type));
  }
  return positive(config, found, name, 0.0);
}

/// transformers takes 0 as not given.
std::optional<double> unless_zero(const JsonFields& config, const Found& found, const std::string& name) {
  const auto value = found.block->number(name);
  return value && *value != 0.0 ? std::optional(positive(config, found, name, 0.0)) : std::nullopt;
}

std::vector<double> divisors(const JsonFields& config, const Found& found, const std::string& name,
                             std::int64_t count) {
  const auto list = found.block->lists.find(name);
  if (list == found.block->lists.end() || static_cast<std::int64_t>(list->second.size()) != count) {
    config.refuse_text(
        fmt::format("{}.{}: got {} numbers, expected {}, half of the values of a head that turn", found.key,
                    name, list == found.block->lists.end() ? 0 : list->second.size(), count));
  }
  for (const double value : list->second) {
    if (!(value > 0.0 && std::isfinite(value))) {
      refuse(config, found.key, name, value, "numbers above 0");
    }
  }
  return list->second;
}

std::string type_of(const JsonFields& config, const Found& found, bool is_phi3) {
  std::string type = found.block->type;
  if (is_phi3 && (type == "su" || type == "yarn")) {
    type = "longrope";  // names of the first releases (Phi3Config of transformers)
  }
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
    config.refuse(found.key, fmt::format("a rope type among {}", fmt::join(kTypes, ", ")));
  }
  return type;
}

/// The older models keep it beside the rope object.
void read_original_length(const JsonFields& config, const Found& found, std::int64_t fallback,
                          RopeConfig& rope) {
  const std::string name = "original_max_position_embeddings";
  const auto outside = config.optional_integer(name, 1, static_cast<std::int64_t>(kMostPositions));
  const auto inside = found.block->number(name);
  if (inside && (*inside < 1.0 || *inside > kMostPositions || std::trunc(*inside) != *inside)) {
    refuse(config, found.key, name, *inside, "a number of positions");
  }
  if (inside && outside && static_cast<std::int64_t>(*inside) != *outside) {
    refuse(config, found.key, name, *inside, fmt::format("{} as elsewhere in the file", *outside));
  }
  rope.original_max_position_embeddings =
      inside ? static_cast<std::int64_t>(*inside) : outside.value_or(fallback);
}

void read_settings(const JsonFields& config, const Found& found, std::int64_t head_dim, RopeConfig& rope) {
  if (rope.type == "default") {
    return;
  }
  const bool ratio_will_do = rope.type == "yarn" || rope.type == "longrope";
  rope.factor_given = found.block->number("factor").has_value();
  rope.factor = rope.factor_given || !ratio_will_do ? required(config, found, "factor") : rope.length_ratio();
  if (found.block->number("attention_factor")) {
    rope.attention_factor = positive(config, found, "attention_factor", 0.0);
  }
  if (rope.type == "llama3") {
    rope.low_freq_factor = required(config, found, "low_freq_factor");
    rope.high_freq_factor = required(config, found, "high_freq_factor");
    if (rope.high_freq_factor <= rope.low_freq_factor) {
      refuse(config, found.key, "high_freq_factor", rope.high_freq_factor,
             fmt::format("more than the low_freq_factor {}", rope.low_freq_factor));
    }
  } else if (rope.type == "yarn") {
    rope.beta_fast = unless_zero(config, found, "beta_fast").value_or(rope.beta_fast);
    rope.beta_slow = unless_zero(config, found, "beta_slow").value_or(rope.beta_slow);
    rope.mscale = unless_zero(config, found, "mscale");
    rope.mscale_all_dim = unless_zero(config, found, "mscale_all_dim");
    rope.truncate = found.block->number("truncate").value_or(1.0) != 0.0;
  } else if (rope.type == "longrope") {
    const std::int64_t count = rope.rotary_dim(head_dim) / 2;
    rope.short_factor = divisors(config, found, "short_factor", count);
    rope.long_factor = divisors(config, found, "long_factor", count);
  }
}

RopeConfig resolve(const JsonFields& config, Found found, const RopeDefaults& defaults, double theta) {
  if (!found.block) {
    found.block = RopeBlock{};
  }
  RopeConfig rope;
  rope.type = type_of(config, found, defaults.is_phi3);
  rope.theta = found.theta.value_or(theta);
  if (!(rope.theta > 0.0 && std::isfinite(rope.theta))) {
    config.refuse_text(fmt::format("rope_theta: got {}, expected a number above 0", rope.theta));
  }
  const auto outer_part = config.optional_number("partial_rotary_factor");
  rope.partial_rotary_factor =
      found.block->number("partial_rotary_factor").value_or(outer_part.value_or(1.0));
  const std::int64_t turning = rope.rotary_dim(defaults.head_dim);
  if (!(rope.partial_rotary_factor > 0.0 && rope.partial_rotary_factor <= 1.0) ||
      (!defaults.is_phi3 && rope.partial_rotary_factor != 1.0) || turning < 2 || turning % 2 != 0) {
    config.refuse_text(fmt::format(
        "partial_rotary_factor: got {}, expected {}", rope.partial_rotary_factor,
        defaults.is_phi3 ? fmt::format("at most 1 and an even number of the {} values of a head to turn",
                                       defaults.head_dim)
                         : "1: heads of this model type turn as a whole"));
  }
  rope.max_position_embeddings = defaults.max_position_embeddings;
  read_original_length(config, found, defaults.original_max_position_embeddings, rope);
  read_settings(config, found, defaults.head_dim, rope);
  return rope;
}

/// rope_scaling or rope_parameters, unless they are null or empty.
const json* object_at(const JsonFields& config, const std::string& key) {
  const json* const value = config.find(key);
  return value != nullptr && value->is_object() && value->empty() ? nullptr : value;
}

/// A theta in several places has to be one.
void take_theta(const JsonFields& config, const std::string& key, const std::optional<double>& value,
                std::optional<double>& theta) {
  if (value && theta && *theta != *value) {
    config.refuse(key, fmt::format("rope_theta to be {} as elsewhere in the file", *theta));
  }
  theta = value ? value : theta;
}

/// One object for all layers.
Found read_plain(const JsonFields& config) {
  Found found{.key = "rope_scaling", .block = {}, .theta = config.optional_number("rope_theta")};
  for (const char* const key : {"rope_scaling", "rope_parameters"}) {
    const json* const object = object_at(config, key);
    if (object == nullptr) {
      continue;
    }
    const RopeBlock block = read_rope_block(config, key, *object);
    if (found.block && !found.block->same_settings(block)) {
      config.refuse("rope_parameters", "the same settings as rope_scaling has, or one of the two");
    }
    take_theta(config, key, block.theta, found.theta);
    found.key = key;
    found.block = block;
  }
  return found;
}

/// rope_parameters.<layer type>, the spelling of transformers 5 for models with two kinds of layers.
Found read_nested(const JsonFields& config, const json& parameters, const std::string& layer_type) {
  Found found{.key = "rope_parameters." + layer_type, .block = {}, .theta = {}};
  const auto nested = parameters.find(layer_type);
  if (nested != parameters.end() && !nested->is_null()) {
    found.block = read_rope_block(config, "rope_parameters", *nested);
    found.theta = found.block->theta;
  }
  return found;
}

}  // namespace

std::int64_t RopeConfig::rotary_dim(std::int64_t head_dim) const {
  return static_cast<std::int64_t>(static_cast<double>(head_dim) * partial_rotary_factor);
}

double RopeConfig::length_ratio() const {
  return static_cast<double>(max_position_embeddings) / static_cast<double>(original_max_position_embeddings);
}

RopeConfigs read_rope(const JsonFields& config, const RopeDefaults& defaults) {
  if (!defaults.local_theta) {
    const RopeConfig rope = resolve(config, read_plain(config), defaults, defaults.theta);
    return {.global = rope, .local = rope};
  }
  const auto old_local_theta = config.optional_number("rope_local_base_freq");
  const json* const parameters = object_at(config, "rope_parameters");
  if (parameters != nullptr && parameters->is_object() &&
      (parameters->contains("full_attention") || parameters->contains("sliding_attention"))) {
    Found global = read_nested(config, *parameters, "full_attention");
    Found local = read_nested(config, *parameters, "sliding_attention");
    take_theta(config, "rope_parameters", config.optional_number("rope_theta"), global.theta);
    take_theta(config, "rope_parameters", old_local_theta, local.theta);
    const json* const scaling = object_at(config, "rope_scaling");
    if (scaling != nullptr && !read_rope_block(config, "rope_scaling", *scaling)
                                   .same_settings(global.block.value_or(RopeBlock{}))) {
      config.refuse("rope_parameters", "the same settings as rope_scaling has, or one of the two");
    }
    return {.global = resolve(config, global, defaults, defaults.theta),
            .local = resolve(config, local, defaults, *defaults.local_theta)};
  }
  const Found local{.key = "rope_local_base_freq", .block = {}, .theta = old_local_theta};
  return {.global = resolve(config, read_plain(config), defaults, defaults.theta),
          .local = resolve(config, local, defaults, *defaults.local_theta)};
}

}  // namespace ttx::hf
