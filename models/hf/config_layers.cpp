// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "models/hf/config_parts.hpp"

namespace ttx::hf {

namespace {

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();
constexpr const char* kFull = "full_attention";
constexpr const char* kSliding = "sliding_attention";

/// In force or not; an absent key has the default of the class, null means none.
std::optional<std::int64_t> window_of(const JsonFields& fields, const ConfigFamily& family) {
  const auto window = fields.optional_integer("sliding_window", 1, kMaxInt32);
  return fields.has("sliding_window") ? window : family.sliding_window;
}

void check(const JsonFields& fields, const Config& config) {
  const auto layers = static_cast<std::size_t>(config.num_hidden_layers);
  if (config.layer_types.size() != layers) {
    fields.refuse("layer_types", fmt::format("{} entries, one per layer", layers));
  }
  for (const std::string& type : config.layer_types) {
    if (type == kSliding && !config.sliding_window) {
      fields.refuse("layer_types",
                    "no sliding_attention, as use_sliding_window and sliding_window are not set");
    }
    if (type != kFull && type != kSliding) {
      fields.refuse("layer_types", "full_attention or sliding_attention for each layer");
    }
  }
}

}  // namespace

void read_layer_types(const JsonFields& fields, const ConfigFamily& family, Config& config) {
  config.use_sliding_window = fields.optional_boolean("use_sliding_window").value_or(false);
  config.max_window_layers =
      fields.optional_integer("max_window_layers", 0, kMaxInt32)
          .value_or(family.window == WindowRule::kUpper ? family.layers_of_pattern : 0);
  const auto window = window_of(fields, family);
  const bool in_force = family.window == WindowRule::kAll || family.window == WindowRule::kPattern ||
                        (family.window == WindowRule::kUpper && config.use_sliding_window);
  if (in_force) {
    config.sliding_window = window;
  }
  if (family.window == WindowRule::kUpper || family.window == WindowRule::kPattern) {
    config.layer_types = fields.strings("layer_types");
  }
  if (!config.layer_types.empty()) {
    check(fields, config);
    return;
  }
  const std::int64_t pattern = fields.optional_integer("sliding_window_pattern", 1, kMaxInt32)
                                   .value_or(std::max<std::int64_t>(family.layers_of_pattern, 1));
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    const bool slides =
        config.sliding_window && (family.window == WindowRule::kAll ||
                                  (family.window == WindowRule::kUpper && i >= config.max_window_layers) ||
                                  (family.window == WindowRule::kPattern && (i + 1) % pattern != 0));
    config.layer_types.emplace_back(slides ? kSliding : kFull);
  }
}

}  // namespace ttx::hf
