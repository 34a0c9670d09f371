// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/linear_workload.hpp"

namespace ttx::bench {

/// A model of the family as the kernels see it: the sizes of its config.json and the types that its bring-up
/// keeps its weights in.
struct ModelShape {
  std::string_view name;
  std::int64_t hidden;
  std::int64_t intermediate;
  std::int64_t heads;
  std::int64_t kv_heads;
  std::int64_t head_dim;
  std::int64_t layers;
  std::int64_t vocabulary;
  bool gated = true;        ///< gate and up; else up alone
  std::int64_t window = 0;  ///< keys that the queries of most layers see; 0: all
  WeightType attention = WeightType::kBfloat8b;
  WeightType mlp = WeightType::kBfloat8b;
  WeightType down = WeightType::kBfloat8b;
  WeightType head_type = WeightType::kBfloat8b;

  /// The linear weights of a layer in their order, row-parallel ones in the eight canonical blocks.
  std::vector<WeightShape> layer() const;
  WeightShape lm_head() const { return {vocabulary, hidden, 1, head_type}; }
};

/// All nine.
std::span<const ModelShape> model_shapes();
std::vector<std::string> model_names();
/// Null for a name that is none of theirs.
const ModelShape* find_model_shape(std::string_view name);

/// All weights that one token passes through, of their own types.
Pass token_pass(const ModelShape& model, std::int64_t m);
/// The weights of one layer as often as fits into `bytes`, once at least.
Pass layer_pass(const ModelShape& model, std::int64_t m, std::int64_t bytes);
/// The same pass with all weights of one type.
Pass of_type(Pass pass, WeightType type);

}  // namespace ttx::bench
