// SPDX-License-Identifier: Apache-2.0
#include "models/common/config_check.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "runtime/error.hpp"
#include "runtime/shape.hpp"

namespace ttx {

namespace {

constexpr std::int64_t kMaxHeadDim = 256;

}  // namespace

const ConfigCheck& ConfigCheck::model_type(std::string_view expected) const {
  TTX_CHECK_AS(config_.model_type == expected, ExitCode::kCheckpoint, op_,
               "model_type: got \"{}\", expected \"{}\"; give the bring-up a checkpoint of its own kind",
               config_.model_type, expected);
  return *this;
}

const ConfigCheck& ConfigCheck::hidden_act(std::string_view expected) const {
  TTX_CHECK_AS(config_.hidden_act == expected, ExitCode::kCheckpoint, op_,
               "hidden_act: got \"{}\", expected \"{}\"", config_.hidden_act, expected);
  return *this;
}

const ConfigCheck& ConfigCheck::rope_type(std::initializer_list<std::string_view> expected) const {
  TTX_CHECK_AS(std::find(expected.begin(), expected.end(), config_.rope.type) != expected.end(),
               ExitCode::kCheckpoint, op_, "rope_type: got \"{}\", expected \"{}\"", config_.rope.type,
               fmt::join(expected, "\" or \""));
  return *this;
}

const ConfigCheck& ConfigCheck::no_attention_bias() const {
  TTX_CHECK_AS(!config_.attention_bias, ExitCode::kCheckpoint, op_,
               "attention_bias: got true, expected false");
  return *this;
}

const ConfigCheck& ConfigCheck::no_mlp_bias() const {
  TTX_CHECK_AS(!config_.mlp_bias, ExitCode::kCheckpoint, op_, "mlp_bias: got true, expected false");
  return *this;
}

const ConfigCheck& ConfigCheck::whole_heads_turn() const {
  TTX_CHECK_AS(config_.rope.partial_rotary_factor == 1.0, ExitCode::kCheckpoint, op_,
               "partial_rotary_factor: got {}, expected 1", config_.rope.partial_rotary_factor);
  return *this;
}

const ConfigCheck& ConfigCheck::head_dim() const {
  TTX_CHECK_AS(config_.head_dim % kTile == 0 && config_.head_dim <= kMaxHeadDim, ExitCode::kCheckpoint, op_,
               "head_dim: got {}, expected a multiple of {} up to {}", config_.head_dim, kTile, kMaxHeadDim);
  return *this;
}

const ConfigCheck& ConfigCheck::plain_decoder() const {
  return hidden_act("silu").no_attention_bias().no_mlp_bias().head_dim();
}

}  // namespace ttx
