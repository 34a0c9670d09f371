// SPDX-License-Identifier: Apache-2.0
#include "bench/model_shapes.hpp"

#include <algorithm>
#include <array>

namespace ttx::bench {

namespace {

constexpr WeightType k16 = WeightType::kBfloat16;
constexpr WeightType k8 = WeightType::kBfloat8b;

// hidden, intermediate, heads, KV heads, head_dim, layers, vocabulary
constexpr std::array kShapes = {
    ModelShape{"Qwen3-0.6B", 1024, 3072, 16, 8, 128, 28, 151936, true, 0, k16, k16, k16, k16},
    ModelShape{"Llama-3.2-1B", 2048, 8192, 32, 8, 64, 16, 128256, true, 0, k16, k16, k16, k16},
    ModelShape{"Phi-3-mini-128k-instruct", 3072, 8192, 32, 32, 96, 32, 32064, true, 0, k16, k16, k16, k16},
    ModelShape{"Mistral-7B-Instruct-v0.3", 4096, 14336, 32, 8, 128, 32, 32768},
    ModelShape{"Arcee-Spark", 3584, 18944, 28, 4, 128, 28, 152064, true, 0, k16, k8, k16, k8},
    ModelShape{"Falcon3-7B-Instruct", 3072, 23040, 12, 4, 256, 28, 131072},
    ModelShape{"gemma-3-4b-it", 2560, 10240, 8, 4, 256, 34, 262208, true, 1024},
    ModelShape{"ALLaM-7B-Instruct-preview", 4096, 11008, 32, 32, 128, 32, 64000},
    ModelShape{"AFM-4.5B", 2560, 18432, 20, 4, 128, 36, 128004, false},
};

}  // namespace

std::vector<WeightShape> ModelShape::layer() const {
  constexpr int kBlocks = 8;
  const std::int64_t query = heads * head_dim;
  const std::int64_t kv = kv_heads * head_dim;
  std::vector<WeightShape> weights = {{query, hidden, 1, attention},
                                      {kv, hidden, 1, attention},
                                      {kv, hidden, 1, attention},
                                      {hidden, query, kBlocks, attention},
                                      {intermediate, hidden, 1, mlp}};
  if (gated) {
    weights.push_back({intermediate, hidden, 1, mlp});
  }
  weights.push_back({hidden, intermediate, kBlocks, down});
  return weights;
}

std::span<const ModelShape> model_shapes() { return kShapes; }

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelShape& shape : kShapes) {
    names.emplace_back(shape.name);
  }
  return names;
}

const ModelShape* find_model_shape(std::string_view name) {
  const auto* const found = std::find_if(kShapes.begin(), kShapes.end(),
                                         [&](const ModelShape& shape) { return shape.name == name; });
  return found == kShapes.end() ? nullptr : found;
}

Pass token_pass(const ModelShape& model, std::int64_t m) {
  Pass pass{"all of a token", m, {}};
  const std::vector<WeightShape> layer = model.layer();
  for (std::int64_t i = 0; i < model.layers; ++i) {
    pass.weights.insert(pass.weights.end(), layer.begin(), layer.end());
  }
  pass.weights.push_back(model.lm_head());
  return pass;
}

Pass layer_pass(const ModelShape& model, std::int64_t m, std::int64_t bytes) {
  const Pass once{"layers", m, model.layer()};
  Pass pass{"layers", m, {}};
  do {
    pass.weights.insert(pass.weights.end(), once.weights.begin(), once.weights.end());
  } while (pass.bytes() + once.bytes() <= static_cast<double>(bytes));
  return pass;
}

Pass of_type(Pass pass, WeightType type) {
  for (WeightShape& shape : pass.weights) {
    shape.type = type;
  }
  return pass;
}

}  // namespace ttx::bench
