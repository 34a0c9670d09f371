// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/model_module.hpp"
#include "models/hf/checkpoint.hpp"

namespace ttx::bench {

/// What a step of a model must move and multiply at least, over all devices of the mesh: weights as they are
/// packed, each once; keys and values that the token sees, each once; two operations per weight and token,
/// four per query element and key.
class ModelCosts {
 public:
  /// `devices` is what each device holds, as launch::plan_devices gives it.
  ModelCosts(const std::vector<ModelPlan>& devices, const hf::Checkpoint& checkpoint);

  /// Bytes of all weights that a token passes through.
  double weight_bytes() const { return layer_bytes_ + head_bytes_; }
  /// "BFLOAT8_B", or several with commas between.
  const std::string& weight_types() const { return weight_types_; }
  /// Bytes of one position of the caches of all layers.
  double position_bytes() const;

  /// One token at `position`, all of its logits.
  double decode_bytes(std::int64_t position) const;
  double decode_flops(std::int64_t position) const;
  /// `tokens` from position 0 on, the logits of the last.
  double prefill_bytes(std::int64_t tokens) const;
  double prefill_flops(std::int64_t tokens) const;
  /// Of which attention does these.
  double attention_flops(std::int64_t first, std::int64_t tokens) const;

  /// Bytes of the caches of all layers up to `positions`.
  double cache_bytes(std::int64_t positions) const {
    return position_bytes() * static_cast<double>(positions);
  }

 private:
  struct LayerCache {
    double bytes = 0;         ///< of one position
    std::int64_t window = 0;  ///< keys that a query sees at most; 0: all
  };

  std::vector<LayerCache> caches_;
  double layer_bytes_ = 0;
  double head_bytes_ = 0;
  double layer_weights_ = 0;  ///< elements
  double head_weights_ = 0;
  double query_width_ = 0;  ///< query heads times head_dim
  std::string weight_types_;
};

}  // namespace ttx::bench
