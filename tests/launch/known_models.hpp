// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace ttx::test {

using Shapes = std::map<std::string, std::vector<std::uint64_t>>;

/// Numbers that shapes are made of: hidden, query and key-value rows, head, feed-forward, vocabulary, layers.
struct Sizes {
  std::uint64_t h, q, kv, d, i, v, layers;
};

enum class Tensors { kLlama, kQwen2, kQwen3, kPhi3, kArcee, kGemma3 };

/// What is known of a published model, written down apart from what ttx-synth reads.
struct Known {
  std::string id;
  Sizes sizes;
  Tensors tensors;
  bool has_head;
  nlohmann::json config;  ///< what config.json must say, among others
  Sizes tiny;
};

const std::vector<Known>& known_models();

/// Every tensor of the model's checkpoint when it has these sizes.
Shapes shapes_of(const Known& model, const Sizes& sizes);

}  // namespace ttx::test
