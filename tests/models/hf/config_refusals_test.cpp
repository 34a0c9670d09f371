// SPDX-License-Identifier: Apache-2.0
// The configs of the nine bring-up models, changed to what no reader can take.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/models/hf/known_configs.hpp"

namespace ttx::test::configs {
namespace {

TEST(ConfigRefusals, RefusesOtherModels) {
  const json gemma = published("gemma-3-4b-it");
  refuses(without(gemma, "text_config"), {"text_config", "the settings of the language model"});
  json inner = gemma;
  inner["text_config"]["model_type"] = "llama";
  refuses(inner, {"text_config.model_type", "\"gemma3_text\" inside \"gemma3\""});
  inner = gemma;
  inner["text_config"]["hidden_size"] = 0;
  refuses(inner, {"text_config.hidden_size", "from 1"});
  inner = gemma;
  inner["text_config"]["use_bidirectional_attention"] = true;
  refuses(inner, {"use_bidirectional_attention", "causal"});
  inner = gemma;
  inner["text_config"]["query_pre_attn_scalar"] = 0;
  refuses(inner, {"query_pre_attn_scalar", "above 0"});
  inner = gemma;
  inner["text_config"]["final_logit_softcapping"] = -1;
  refuses(inner, {"final_logit_softcapping", "above 0"});
  refuses(with(gemma, "architectures", {"Gemma3ForCausalLM"}),
          {"architectures", "Gemma3ForConditionalGeneration"});
  refuses(with(gemma, "quantization_config", {{"bits", 4}}), {"quantization_config"});
  refuses(with(published("Llama-3.2-1B"), "model_type", "llama4"), {"model_type", "\"llama4\"", "arcee"});
  refuses(with(published("Llama-3.2-1B"), "head_dim", 63), {"head_dim", "even"});
}

/// A Llama file with other rope settings.
json rope(const json& settings) { return with(published("Llama-3.2-1B"), "rope_scaling", settings); }

TEST(ConfigRefusals, RefusesImpossibleRope) {
  refuses(rope({{"rope_type", "ntk"}, {"factor", 2}}), {"rope_scaling", "ntk", "default, linear, dynamic"});
  refuses(rope({{"rope_type", "linear"}}), {"rope_scaling", "factor with rope type linear"});
  refuses(rope({{"rope_type", "dynamic"}, {"factor", nullptr}}), {"factor with rope type dynamic"});
  refuses(rope({{"rope_type", "linear"}, {"factor", -2.0}}), {"rope_scaling.factor", "-2", "above 0"});
  const json good = published("Llama-3.2-1B")["rope_scaling"];
  refuses(rope(without(good, "low_freq_factor")), {"low_freq_factor with rope type llama3"});
  refuses(rope(with(good, "high_freq_factor", 1.0)), {"high_freq_factor", "more than the low_freq_factor 1"});
  refuses(rope(with(good, "original_max_position_embeddings", 0.5)),
          {"original_max_position_embeddings", "0.5", "a number of positions"});
  json twice = rope(good);
  twice["original_max_position_embeddings"] = 4096;
  refuses(twice, {"original_max_position_embeddings", "8192", "4096 as elsewhere"});
  refuses(rope({{"rope_type", "yarn"}, {"factor", 4}, {"attention_factor", 0}}),
          {"attention_factor", "above 0"});
  refuses(rope({{"rope_type", "yarn"}, {"factor", 4}, {"beta_fast", -1}}), {"beta_fast", "above 0"});
  refuses(with(published("Llama-3.2-1B"), "partial_rotary_factor", 0.5),
          {"partial_rotary_factor", "as a whole"});
  json phi3 = published("Phi-3-mini-128k-instruct");
  phi3["rope_scaling"]["long_factor"].erase(0);
  refuses(phi3, {"rope_scaling.long_factor", "got 47 numbers, expected 48"});
  phi3 = published("Phi-3-mini-128k-instruct");
  phi3["rope_scaling"].erase("short_factor");
  refuses(phi3, {"rope_scaling.short_factor", "got 0 numbers"});
  phi3 = published("Phi-3-mini-128k-instruct");
  phi3["rope_scaling"]["short_factor"][3] = 0.0;
  refuses(phi3, {"short_factor", "numbers above 0"});
  for (const double part : {0.0, 1.5, 0.01, 0.115}) {
    refuses(with(published("Phi-3-mini-128k-instruct"), "partial_rotary_factor", part),
            {"partial_rotary_factor"});
  }
}

}  // namespace
}  // namespace ttx::test::configs
