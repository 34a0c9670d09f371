// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "models/common/causal_lm.hpp"
#include "models/common/model_module.hpp"
#include "models/common/weights.hpp"
#include "runtime/dtype.hpp"

namespace ttx {

/// The dtypes that a bring-up stores its linear weights and tables in. Norms, biases, rotary tables, KV
/// caches and activations are BFLOAT16 always.
struct WeightTypes {
  DataType embedding = DataType::BFLOAT16;
  DataType attention = DataType::BFLOAT16;  ///< q, k, v, o
  DataType mlp = DataType::BFLOAT16;        ///< gate, up
  DataType down = DataType::BFLOAT16;
  DataType lm_head = DataType::BFLOAT16;

  static constexpr WeightTypes all(DataType type) { return {type, type, type, type, type}; }
};

/// How prefill hands keys and values to fill_cache.
enum class FillCacheInput {
  kInterleaved,    ///< as they are; the hardware takes only so many blocks of them (--device_limits)
  kHeightSharded,  ///< sharded over the core grid by heads first, which has no such limit
};

/// What one system of a model decides: <system>/functional/model.cpp is one of these.
struct BringUp {
  MeshShape mesh_shape;
  CclOptions ccl{.num_links = 1, .topology = Topology::Linear};
  WeightTypes weights = WeightTypes::all(DataType::BFLOAT16);
  std::optional<std::int64_t> max_cache_seq_len = std::nullopt;  ///< MAX_CACHE_SEQ_LEN
  FillCacheInput fill_cache = FillCacheInput::kInterleaved;
};

/// The module of a bring-up: `Model` is constructed from (const Weights&, const BringUp&, const
/// RunLimits&) and then loaded. TTX_MODEL_MODULE(ttx::module_of<Model>(kBringUp))
template <class Model>
ModelModule module_of(const BringUp& system) {
  return {.mesh_shape = system.mesh_shape,
          .ccl = system.ccl,
          .load = [system](const Weights& weights, const RunLimits& limits) -> std::shared_ptr<CausalLM> {
            auto model = std::make_shared<Model>(weights, system, limits);
            model->load(weights);
            weights.check_all_used();
            return model;
          }};
}

}  // namespace ttx
