// SPDX-License-Identifier: Apache-2.0
#include "models/hf/rope_config.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "models/hf/json_fields.hpp"

namespace ttx::hf {

namespace {

using nlohmann::json;

/// One of the two objects, `rope_scaling` or `rope_parameters`.
struct Block {
  RopeConfig rope;
  std::optional<double> theta;
};

std::optional<Block> read_block(const JsonFields& config, const std::string& key) {
  const json* const value = config.find(key);
  if (value == nullptr || (value->is_object() && value->empty())) {
    return std::nullopt;
  }
  if (!value->is_object()) {
    config.refuse(key, "an object or null");
  }
  Block block;
  std::optional<std::string> type;
  for (const auto& [name, item] : value->items()) {
    if (name == "type" || name == "rope_type") {
      if (!item.is_string()) {
        config.refuse(key, fmt::format("{} to be a string", name));
      }
      if (type && *type != item.get<std::string>()) {
        config.refuse(key, "type and rope_type to be equal");
      }
      type = item.get<std::string>();
    } else if (name == "rope_theta" && item.is_number()) {
      block.theta = item.get<double>();
    } else if (item.is_number()) {
      block.rope.numbers.emplace(name, item.get<double>());
    } else if (item.is_array() &&
               std::all_of(item.begin(), item.end(), [](const json& x) { return x.is_number(); })) {
      block.rope.lists.emplace(name, item.get<std::vector<double>>());
    } else if (item.is_boolean()) {
      block.rope.numbers.emplace(name, item.get<bool>() ? 1.0 : 0.0);
    } else if (!item.is_null()) {
      config.refuse(key, fmt::format("{} to be a number or a list of numbers", name));
    }
  }
  block.rope.type = type.value_or("default");
  return block;
}

}  // namespace

RopeConfig RopeConfig::read(const JsonFields& config, double default_theta) {
  const auto scaling = read_block(config, "rope_scaling");
  const auto parameters = read_block(config, "rope_parameters");
  if (scaling && parameters && scaling->rope != parameters->rope) {
    config.refuse("rope_parameters", "the same settings as rope_scaling has, or one of the two");
  }
  RopeConfig rope = parameters ? parameters->rope : scaling ? scaling->rope : RopeConfig{};
  std::optional<double> theta = config.optional_number("rope_theta");
  for (const auto* block : {&scaling, &parameters}) {
    if (*block && (*block)->theta) {
      if (theta && *theta != *(*block)->theta) {
        config.refuse(block == &scaling ? "rope_scaling" : "rope_parameters",
                      fmt::format("rope_theta to be {} as elsewhere in the file", *theta));
      }
      theta = (*block)->theta;
    }
  }
  rope.theta = theta.value_or(default_theta);
  if (!(rope.theta > 0.0)) {
    config.refuse_text(fmt::format("rope_theta: got {}, expected a number above 0", rope.theta));
  }
  return rope;
}

}  // namespace ttx::hf
