// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/hf/rope_config.hpp"

namespace ttx::reference {

/// cos and sin of the rotary angles of one call's tokens: position * inverse frequency, an fp32 product, then
/// times the type's attention scaling. Keys that earlier calls cached keep the angles of their own call, as
/// in transformers.
class RotaryAngles {
 public:
  RotaryAngles(const hf::RopeConfig& rope, std::int64_t head_dim);

  /// Of the positions [start, length) in a sequence of `length` tokens.
  void prepare(std::int64_t start, std::int64_t length);
  /// [rotary_dim / 2] each; of a position that was prepared.
  const float* cos_at(std::int64_t position) const { return cos_.data() + (position - start_) * half(); }
  const float* sin_at(std::int64_t position) const { return sin_.data() + (position - start_) * half(); }

  /// The first values of a head, which turn; the others stay.
  std::int64_t rotary_dim() const { return rope_.rotary_dim(head_dim_); }

 private:
  std::int64_t half() const { return rotary_dim() / 2; }

  hf::RopeConfig rope_;
  std::int64_t head_dim_;
  std::int64_t start_ = 0;
  std::vector<float> cos_, sin_;  // [positions, rotary_dim / 2]
};

}  // namespace ttx::reference
