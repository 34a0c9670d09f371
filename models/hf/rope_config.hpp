// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ttx::hf {

class JsonFields;

/// The rotary embedding's settings, from either spelling: `rope_theta` and `rope_scaling` (transformers 4),
/// or `rope_parameters` (transformers 5). `type` is the old name of `rope_type`.
struct RopeConfig {
  std::string type = "default";
  double theta = 0.0;
  /// Everything else as written: factor, low_freq_factor, original_max_position_embeddings, ...
  std::map<std::string, double> numbers;
  /// long_factor, short_factor.
  std::map<std::string, std::vector<double>> lists;

  /// `default_theta` is the class default, for files without one. Throws Error (kCheckpoint) on wrong types,
  /// on a theta that is not positive, and when the spellings contradict each other.
  static RopeConfig read(const JsonFields& config, double default_theta);

  friend bool operator==(const RopeConfig&, const RopeConfig&) = default;
};

}  // namespace ttx::hf
