// SPDX-License-Identifier: Apache-2.0
#include "bench/model_costs.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace ttx::bench {

namespace {

/// The matrices that a token is multiplied with are those that are cut over the devices: tables and norms are
/// replicated, biases have one row.
bool is_linear(const PlannedTensor& tensor) {
  return tensor.use == MemoryUse::kWeights && !tensor.placement.is_replicated() && tensor.shape[2] > 1;
}

}  // namespace

ModelCosts::ModelCosts(const std::vector<ModelPlan>& devices, const hf::Checkpoint& checkpoint)
    : query_width_(
          static_cast<double>(checkpoint.config().num_attention_heads * checkpoint.config().head_dim)) {
  const hf::Config& config = checkpoint.config();
  for (const std::string& type : config.layer_types) {
    caches_.push_back({0.0, type == "sliding_attention" ? config.sliding_window.value_or(0) : 0});
  }
  std::set<std::string> types;
  for (const ModelPlan& device : devices) {
    std::size_t caches = 0;
    for (const PlannedTensor& tensor : device.tensors) {
      if (is_linear(tensor)) {
        const bool is_head = tensor.name == checkpoint.output_embedding_name();
        (is_head ? head_bytes_ : layer_bytes_) += static_cast<double>(tensor.bytes);
        (is_head ? head_weights_ : layer_weights_) += static_cast<double>(tensor.shape[2] * tensor.shape[3]);
        types.emplace(to_string(tensor.dtype));
      } else if (tensor.use == MemoryUse::kKvCache) {
        // Each layer has one of keys, then one of values: [users, heads, positions, head_dim].
        const std::size_t layer = caches++ / 2;
        caches_[layer].bytes += static_cast<double>(tensor.shape[1] * tensor.shape[3]) * 2.0;
      }
    }
  }
  weight_types_ = fmt::format("{}", fmt::join(types, ","));
}

double ModelCosts::position_bytes() const {
  double sum = 0;
  for (const LayerCache& cache : caches_) {
    sum += cache.bytes;
  }
  return sum;
}

double ModelCosts::decode_bytes(std::int64_t position) const {
  double sum = weight_bytes();
  for (const LayerCache& cache : caches_) {
    const std::int64_t keys = cache.window > 0 ? std::min(cache.window, position + 1) : position + 1;
    sum += cache.bytes * static_cast<double>(keys);
  }
  return sum;
}

double ModelCosts::decode_flops(std::int64_t position) const {
  return 2.0 * (layer_weights_ + head_weights_) + attention_flops(position, 1);
}

double ModelCosts::prefill_bytes(std::int64_t tokens) const { return weight_bytes() + cache_bytes(tokens); }

double ModelCosts::prefill_flops(std::int64_t tokens) const {
  return 2.0 * (layer_weights_ * static_cast<double>(tokens) + head_weights_) + attention_flops(0, tokens);
}

double ModelCosts::attention_flops(std::int64_t first, std::int64_t tokens) const {
  double keys = 0;
  for (const LayerCache& cache : caches_) {
    for (std::int64_t position = first; position < first + tokens; ++position) {
      keys += static_cast<double>(cache.window > 0 ? std::min(cache.window, position + 1) : position + 1);
    }
  }
  return 4.0 * query_width_ * keys;
}

}  // namespace ttx::bench
