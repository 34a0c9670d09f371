// SPDX-License-Identifier: Apache-2.0
//
// Arcee's foundation model (arcee-ai/AFM-4.5B): Llama with an MLP without gate, down(relu(up(x))^2), and
// yarn.
#pragma once

#include <string>

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::arcee {

class ArceeForCausalLM : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  ArceeForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);

 protected:
  void load_mlp(const Weights& weights, const std::string& prefix, llama::Layer& layer) override;
  Tensor mlp(const llama::Layer& layer, const Tensor& x) const override;
};

}  // namespace ttx::arcee
