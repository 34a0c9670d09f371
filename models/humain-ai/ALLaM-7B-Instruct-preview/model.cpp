// SPDX-License-Identifier: Apache-2.0
#include "models/humain-ai/ALLaM-7B-Instruct-preview/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::allam {

AllamForCausalLM::AllamForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "allam").model_type("llama").rope_type({"default"}).plain_decoder();
}

}  // namespace ttx::allam
