// SPDX-License-Identifier: Apache-2.0
#include "launch/config_lines.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "runtime/head_plan.hpp"

namespace ttx::launch {

namespace {

/// "1 KV head", "3 KV heads"
std::string counted(std::int64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

/// The sizes of the pieces that devices hold of a dimension: "24576", or "18976 or 19008".
std::string pieces(const ShardPlan& plan, std::int64_t extent, const std::string& what) {
  std::int64_t least = extent;
  std::int64_t most = 0;
  for (int device = 0; device < plan.devices(); ++device) {
    const std::int64_t size = plan.piece(extent, device, what).size();
    least = std::min(least, size);
    most = std::max(most, size);
  }
  return least == most ? std::to_string(least) : fmt::format("{} or {}", least, most);
}

}  // namespace

std::string config_lines(const hf::Config& config) {
  std::string text;
  const auto line = [&text](std::string_view key, const auto& value) {
    text += fmt::format("{}: {}\n", key, value);
  };
  line("model_type", config.model_type);
  line("num_hidden_layers", config.num_hidden_layers);
  line("hidden_size", config.hidden_size);
  line("num_attention_heads", config.num_attention_heads);
  line("num_key_value_heads", config.num_key_value_heads);
  line("head_dim", config.head_dim);
  line("intermediate_size", config.intermediate_size);
  line("vocab_size", config.vocab_size);
  line("max_position_embeddings", config.max_position_embeddings);
  line("tie_word_embeddings", config.tie_word_embeddings);
  line("rms_norm_eps", config.rms_norm_eps);
  line("hidden_act", config.hidden_act);
  line("attention_bias", config.attention_bias);
  line("attention_output_bias", config.attention_output_bias);
  line("mlp_bias", config.mlp_bias);
  line("rope_type", config.rope.type);
  line("rope_theta", config.rope.theta);
  line("partial_rotary_factor", config.rope.partial_rotary_factor);
  line("sliding_window", config.sliding_window ? std::to_string(*config.sliding_window) : "none");
  line("sliding_layers",
       std::count(config.layer_types.begin(), config.layer_types.end(), "sliding_attention"));
  line("dtype", config.dtype.empty() ? "not said" : config.dtype);
  return text;
}

std::string mesh_lines(const hf::Config& config, MeshShape mesh) {
  const ShardPlan plan(mesh.devices());
  const HeadPlan heads(config.num_attention_heads, config.num_key_value_heads, plan);
  return fmt::format("heads: {}\nper_device: {}, {}, {} intermediate columns, {} vocabulary rows\n",
                     heads.to_string(), counted(heads.heads_per_device(), "query head"),
                     counted(heads.kv_heads_per_device(), "KV head"),
                     pieces(plan, config.intermediate_size, "intermediate_size"),
                     pieces(plan, config.vocab_size, "vocab_size"));
}

}  // namespace ttx::launch
