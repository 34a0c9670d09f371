// SPDX-License-Identifier: Apache-2.0
#include "models/mistralai/Mistral-7B-Instruct-v0.3/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::mistral {

MistralForCausalLM::MistralForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "mistral").model_type("mistral").rope_type({"default"}).plain_decoder();
}

}  // namespace ttx::mistral
