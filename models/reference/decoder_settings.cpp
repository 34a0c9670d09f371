// SPDX-License-Identifier: Apache-2.0
#include "models/reference/decoder_settings.hpp"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "models/hf/config.hpp"
#include "runtime/error.hpp"

namespace ttx::reference {

namespace {

constexpr std::array<std::pair<std::string_view, Activation>, 3> kActivations = {
    {{"silu", Activation::kSilu},
     {"gelu_pytorch_tanh", Activation::kGeluTanh},
     {"relu2", Activation::kRelu2}}};

Activation activation_of(const hf::Config& config) {
  for (const auto& [name, activation] : kActivations) {
    if (config.hidden_act == name) {
      return activation;
    }
  }
  TTX_FAIL_AS(
      ExitCode::kCheckpoint, "reference",
      "hidden_act: got \"{}\", expected \"silu\", \"gelu_pytorch_tanh\" or \"relu2\"; make a reference "
      "file with launch/make_reference.py",
      config.hidden_act);
}

float power_of_minus_half(double value) { return static_cast<float>(1.0 / std::sqrt(value)); }

}  // namespace

DecoderSettings DecoderSettings::of(const hf::Config& config) {
  const bool is_gemma = config.model_type == "gemma3_text";
  const bool is_phi3 = config.model_type == "phi3";
  DecoderSettings s;
  s.vocab_size = config.vocab_size;
  s.hidden_size = config.hidden_size;
  s.intermediate_size = config.intermediate_size;
  s.query_heads = config.num_attention_heads;
  s.kv_heads = config.num_key_value_heads;
  s.head_dim = config.head_dim;
  s.epsilon = static_cast<float>(config.rms_norm_eps);

  if (is_gemma) {
    s.embedding_scale = static_cast<float>(std::sqrt(static_cast<double>(config.hidden_size)));
  }
  s.attention_scale =
      power_of_minus_half(config.query_pre_attn_scalar.value_or(static_cast<double>(config.head_dim)));
  s.attention_softcap = static_cast<float>(config.attn_logit_softcapping.value_or(0.0));
  s.final_softcap = static_cast<float>(config.final_logit_softcapping.value_or(0.0));
  s.activation = activation_of(config);

  s.has_gate = config.model_type != "arcee";
  s.is_fused = is_phi3;
  s.norms_heads = is_gemma || config.model_type == "qwen3";
  s.norms_what_is_added = is_gemma;
  s.norms_add_one = is_gemma;
  s.attention_bias = config.attention_bias;
  s.attention_output_bias = config.attention_output_bias;
  s.mlp_bias = config.mlp_bias;

  s.recompute_beyond = is_phi3 ? config.rope.original_max_position_embeddings : 0;
  for (const std::string& type : config.layer_types) {
    const bool slides = type == "sliding_attention";
    s.windows.push_back(slides ? config.sliding_window.value_or(0) : 0);
    s.is_local.push_back(slides);
  }
  return s;
}

}  // namespace ttx::reference
