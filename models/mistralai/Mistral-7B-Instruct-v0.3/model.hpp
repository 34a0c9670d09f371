// SPDX-License-Identifier: Apache-2.0
//
// Mistral (mistralai/Mistral-7B-Instruct-v0.3): Llama without rope scaling.
#pragma once

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::mistral {

class MistralForCausalLM final : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  MistralForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);
};

}  // namespace ttx::mistral
