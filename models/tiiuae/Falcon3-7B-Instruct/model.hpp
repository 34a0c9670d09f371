// SPDX-License-Identifier: Apache-2.0
//
// Falcon3 (tiiuae/Falcon3-7B-Instruct): Llama without rope scaling, 12 / 4 heads of 256. Eight devices hold
// 24 / 8, the last four of them nothing but zero heads (runtime/head_plan.hpp).
#pragma once

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::falcon3 {

class Falcon3ForCausalLM final : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  Falcon3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);
};

}  // namespace ttx::falcon3
