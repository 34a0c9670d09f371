// SPDX-License-Identifier: Apache-2.0
//
// Qwen/Qwen3-0.6B on t3000: a (2, 4) mesh, bfloat16 weights, no cache cap (the cache is max_seq_len long).
#include "models/Qwen/Qwen3-0.6B/model.hpp"

#include <memory>

#include "models/common/model_module.hpp"

namespace {

constexpr ttx::MeshShape kMeshShape{2, 4};
constexpr ttx::CclOptions kCcl{.num_links = 1, .topology = ttx::Topology::Linear};

std::shared_ptr<ttx::CausalLM> build_model(const ttx::hf::Checkpoint& hf_model, ttx::MeshDevice& device,
                                           std::int64_t max_seq_len, const ttx::LoadObserver& observer) {
  return std::make_shared<ttx::qwen3::Qwen3ForCausalLM>(hf_model, device, max_seq_len, kCcl, observer);
}

}  // namespace

TTX_MODEL_MODULE(
    {.mesh_shape = kMeshShape, .ccl = kCcl, .check = ttx::qwen3::check, .build_model = build_model})
