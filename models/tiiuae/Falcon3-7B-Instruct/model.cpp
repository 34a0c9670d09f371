// SPDX-License-Identifier: Apache-2.0
#include "models/tiiuae/Falcon3-7B-Instruct/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::falcon3 {

Falcon3ForCausalLM::Falcon3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "falcon3").model_type("llama").rope_type({"default"}).plain_decoder();
}

}  // namespace ttx::falcon3
