// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ttx::hf {

class JsonFields;

/// One rope object of config.json as written: `rope_scaling`, `rope_parameters`, or one of the objects that
/// the latter holds per layer type.
struct RopeBlock {
  std::string type = "default";
  std::optional<double> theta;
  std::map<std::string, double> numbers;  ///< booleans as 0 and 1
  std::map<std::string, std::vector<double>> lists;

  /// The same settings, theta aside: it may stand elsewhere in the file.
  bool same_settings(const RopeBlock& other) const;
  std::optional<double> number(const std::string& key) const;
};

/// `key` names the object in messages. Throws Error (kCheckpoint) on wrong types.
RopeBlock read_rope_block(const JsonFields& config, const std::string& key, const nlohmann::json& object);

}  // namespace ttx::hf
