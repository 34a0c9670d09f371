// SPDX-License-Identifier: Apache-2.0
//
// ALLaM (humain-ai/ALLaM-7B-Instruct-preview): Llama without rope scaling, with a KV head for every query
// head.
#pragma once

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::allam {

class AllamForCausalLM final : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  AllamForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);
};

}  // namespace ttx::allam
