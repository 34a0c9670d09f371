// SPDX-License-Identifier: Apache-2.0
#include "models/arcee-ai/AFM-4.5B/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::arcee {

using llama::Layer;

ArceeForCausalLM::ArceeForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "arcee")
      .model_type("arcee")
      .hidden_act("relu2")
      .rope_type({"default", "yarn"})
      .no_attention_bias()
      .no_mlp_bias()
      .head_dim();
}

void ArceeForCausalLM::load_mlp(const Weights& weights, const std::string& prefix, Layer& layer) {
  const std::int64_t h = config().hidden_size;
  const std::int64_t i = config().intermediate_size;
  layer.up = weights.column_parallel({prefix + "up_proj.weight", i, h}, system().weights.mlp);
  layer.down = weights.row_parallel({prefix + "down_proj.weight", h, i}, system().weights.down);
}

Tensor ArceeForCausalLM::mlp(const Layer& layer, const Tensor& x) const {
  const Tensor hidden = square(relu(linear(x, layer.up)));      // [1, 1, S, I/tp]
  return all_reduce(linear(hidden, layer.down), system().ccl);  // [1, 1, S, H]
}

}  // namespace ttx::arcee
