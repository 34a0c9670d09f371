// SPDX-License-Identifier: Apache-2.0
#include "models/microsoft/Phi-3-mini-128k-instruct/model.hpp"

#include "models/common/config_check.hpp"
#include "models/common/rope.hpp"

namespace ttx::phi3 {

using llama::Layer;

namespace {

constexpr std::int64_t kRotaryWidth = 64;  // of which the device's rotary_embedding takes multiples

}  // namespace

Phi3ForCausalLM::Phi3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits),
      width_((config().head_dim + kRotaryWidth - 1) / kRotaryWidth * kRotaryWidth) {
  ConfigCheck(config(), "phi3")
      .model_type("phi3")
      .hidden_act("silu")
      .rope_type({"default", "longrope"})
      .whole_heads_turn()
      .head_dim();
}

void Phi3ForCausalLM::load_rotary(const Weights& weights) {
  // Short factors while max_seq_len is at most the original length, long ones beyond, once for the whole run.
  rotary_ =
      weights.rotary(padded_rope_tables(config().rope, config().head_dim, limits().max_seq_len, width_));
}

void Phi3ForCausalLM::load_attention(const Weights& weights, const std::string& prefix, Layer& layer) {
  const std::int64_t h = config().hidden_size;
  const std::int64_t q = config().num_attention_heads * config().head_dim;
  const std::int64_t kv = config().num_key_value_heads * config().head_dim;
  const std::string qkv = prefix + "qkv_proj.weight";  // [(Nq+2Nkv)*D, H]
  const std::int64_t all = q + 2 * kv;
  const DataType dtype = system().weights.attention;
  layer.q = weights.query_heads({qkv, all, h, Range{0, q}}, heads(), dtype);
  layer.k = weights.kv_heads({qkv, all, h, Range{q, q + kv}}, heads(), kv_repeats(), dtype);
  layer.v = weights.kv_heads({qkv, all, h, Range{q + kv, all}}, heads(), kv_repeats(), dtype);
  layer.o = weights.output_heads({prefix + "o_proj.weight", h, q}, heads(), dtype);
}

void Phi3ForCausalLM::load_mlp(const Weights& weights, const std::string& prefix, Layer& layer) {
  const std::int64_t h = config().hidden_size;
  const std::int64_t i = config().intermediate_size;
  const std::string gate_up = prefix + "gate_up_proj.weight";  // [2*I, H]
  layer.gate = weights.column_parallel({gate_up, 2 * i, h, Range{0, i}}, system().weights.mlp);
  layer.up = weights.column_parallel({gate_up, 2 * i, h, Range{i, 2 * i}}, system().weights.mlp);
  layer.down = weights.row_parallel({prefix + "down_proj.weight", h, i}, system().weights.down);
}

Tensor Phi3ForCausalLM::rotary(const Layer& /*layer*/, const Tensor& heads, llama::Turned /*turned*/,
                               Positions at) const {
  const Tensor wide = pad_rotary_halves(heads, width_);  // [..., width]
  const Tensor turned = turned_heads(wide, rotary_.cos, rotary_.sin, at);
  return trim_rotary_halves(turned, config().head_dim);  // [..., D]
}

}  // namespace ttx::phi3
