// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ttx::hf {

class JsonFields;

/// Which factor yarn divides by when config.json gives one and its lengths another: that of the file, as
/// transformers does since 4.56, or length_ratio(), as it did before.
enum class YarnFactor { kFile, kLengthRatio };

/// The rotary embedding's settings, from either spelling: `rope_theta` and `rope_scaling` (transformers 4),
/// or `rope_parameters` (transformers 5). `type` is the old name of `rope_type`. Which of them count depends
/// on the type; the others keep the values below.
struct RopeConfig {
  std::string type = "default";  ///< default, linear, dynamic, llama3, yarn or longrope
  double theta = 0.0;
  double partial_rotary_factor = 1.0;  ///< only rotary_dim() values of a head turn

  std::int64_t max_position_embeddings = 0;           ///< of the model
  std::int64_t original_max_position_embeddings = 0;  ///< as the file says; else, but in phi3, the former
  double factor = 1.0;        ///< as the file says; else, for yarn and longrope, length_ratio()
  bool factor_given = false;  ///< whether the file says it
  /// Multiplies cos and sin; absent: the type's own formula (transformers, modeling_rope_utils.py).
  std::optional<double> attention_factor;
  double low_freq_factor = 1.0;                  ///< llama3
  double high_freq_factor = 4.0;                 ///< llama3
  double beta_fast = 32.0;                       ///< yarn
  double beta_slow = 1.0;                        ///< yarn
  std::optional<double> mscale, mscale_all_dim;  ///< yarn; not 0
  bool truncate = true;                          ///< yarn
  /// longrope: one divisor per frequency, rotary_dim(head_dim) / 2 of them.
  std::vector<double> short_factor, long_factor;

  std::int64_t rotary_dim(std::int64_t head_dim) const;
  double length_ratio() const;

  friend bool operator==(const RopeConfig&, const RopeConfig&) = default;
};

/// What a file's settings are read against.
struct RopeDefaults {
  double theta = 0.0;
  std::optional<double> local_theta;  ///< for models whose sliding layers have settings of their own
  bool is_phi3 = false;               ///< old type names; part of a head may turn
  std::int64_t head_dim = 0;
  std::int64_t max_position_embeddings = 0;
  std::int64_t original_max_position_embeddings = 0;
};

struct RopeConfigs {
  RopeConfig global;  ///< of full_attention layers
  RopeConfig local;   ///< of sliding_attention layers: the same, but in models with a local_theta
};

/// Throws Error (kCheckpoint) on wrong types, an unknown rope type, settings that are missing or impossible,
/// and when the spellings contradict each other.
RopeConfigs read_rope(const JsonFields& config, const RopeDefaults& defaults);

}  // namespace ttx::hf
