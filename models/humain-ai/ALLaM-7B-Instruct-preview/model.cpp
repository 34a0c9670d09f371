// SPDX-License-Identifier: Apache-2.0
#include "models/humain-ai/ALLaM-7B-Instruct-preview/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::allam {

AllamForCausalLM::AllamForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "allam")
      .model_type("llama")
      .hidden_act("silu")
      .rope_type({"default"})
      .no_attention_bias()
      .no_mlp_bias()
      .head_dim();
}

}  // namespace ttx::allam
