// SPDX-License-Identifier: Apache-2.0
//
// Phi-3 (microsoft/Phi-3-mini-128k-instruct): Llama whose checkpoint has q, k, v in one matrix and gate, up
// in another, taken apart before they are sharded; longrope; and heads of 96, which are padded to the rotary
// width of the device and sliced back.
#pragma once

#include <string>

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::phi3 {

class Phi3ForCausalLM : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  Phi3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);

 protected:
  void load_rotary(const Weights& weights) override;
  void load_attention(const Weights& weights, const std::string& prefix, llama::Layer& layer) override;
  void load_mlp(const Weights& weights, const std::string& prefix, llama::Layer& layer) override;
  Tensor rotary(const llama::Layer& layer, const Tensor& heads, llama::Turned turned,
                Positions at) const override;

 private:
  std::int64_t width_ = 0;  // D rounded up to the rotary width
  RotaryTables rotary_;     // [1, 1, max_seq_len, width]  replicated
};

}  // namespace ttx::phi3
