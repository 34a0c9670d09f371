// SPDX-License-Identifier: Apache-2.0
#include "models/hf/rope_block.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "models/hf/json_fields.hpp"

namespace ttx::hf {

using nlohmann::json;

bool RopeBlock::same_settings(const RopeBlock& other) const {
  return type == other.type && numbers == other.numbers && lists == other.lists;
}

std::optional<double> RopeBlock::number(const std::string& key) const {
  const auto found = numbers.find(key);
  return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

RopeBlock read_rope_block(const JsonFields& config, const std::string& key, const json& object) {
  if (!object.is_object()) {
    config.refuse(key, "an object or null");
  }
  RopeBlock block;
  std::optional<std::string> type;
  for (const auto& [name, item] : object.items()) {
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
      block.numbers.emplace(name, item.get<double>());
    } else if (item.is_array() &&
               std::all_of(item.begin(), item.end(), [](const json& x) { return x.is_number(); })) {
      block.lists.emplace(name, item.get<std::vector<double>>());
    } else if (item.is_boolean()) {
      block.numbers.emplace(name, item.get<bool>() ? 1.0 : 0.0);
    } else if (!item.is_null()) {
      config.refuse(key, fmt::format("{} to be a number or a list of numbers", name));
    }
  }
  block.type = type.value_or("default");
  return block;
}

}  // namespace ttx::hf
