// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>

#include "models/hf/config.hpp"

namespace ttx {

/// What a bring-up takes of a config.json, said once in its constructor: every line throws Error(kCheckpoint)
/// that names the bring-up, the key, the value and what was expected.
class ConfigCheck {
 public:
  ConfigCheck(const hf::Config& config, std::string_view bring_up) : config_(config), op_(bring_up) {}

  const ConfigCheck& model_type(std::string_view expected) const;
  const ConfigCheck& hidden_act(std::string_view expected) const;
  const ConfigCheck& rope_type(std::initializer_list<std::string_view> expected) const;
  /// No biases in q, k, v and o.
  const ConfigCheck& no_attention_bias() const;
  const ConfigCheck& no_mlp_bias() const;
  /// No part of a head is left out of the rotary embedding.
  const ConfigCheck& whole_heads_turn() const;
  /// What the attention ops take: a multiple of 32 up to 256.
  const ConfigCheck& head_dim() const;
  /// What the plain decoder's text covers: a silu gate, no biases, and a head_dim that the attention ops
  /// take.
  const ConfigCheck& plain_decoder() const;

 private:
  const hf::Config& config_;
  std::string_view op_;
};

}  // namespace ttx
