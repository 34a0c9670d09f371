// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/reference/fp32_math.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/safetensors.hpp"

namespace ttx::test {

inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(TTX_FIXTURES) / name;
}

/// What the transformers library computed for a tiny checkpoint (tests/fixtures/README.md).
struct LibraryResult {
  std::vector<std::int32_t> prompt, targets;
  std::vector<float> logits;         // [N, V]
  std::vector<float> prompt_logits;  // [P, V], or empty
  std::vector<float> hidden_states;  // [L+1, P+N-1, H], or empty

  explicit LibraryResult(const std::string& name, const std::string& file_name = "reference.safetensors") {
    const SafetensorsFile file = SafetensorsFile::open(fixture(name) / file_name);
    for (const std::int64_t id : file.int64s("prompt_ids")) {
      prompt.push_back(static_cast<std::int32_t>(id));
    }
    for (const std::int64_t id : file.int64s("target_ids")) {
      targets.push_back(static_cast<std::int32_t>(id));
    }
    logits = file.tensor("logits").to_floats();
    if (file.find("hidden_states") != nullptr) {
      prompt_logits = file.tensor("prompt_logits").to_floats();
      hidden_states = file.tensor("hidden_states").to_floats();
    }
  }

  /// Prompt and all targets but the last: what a model is fed.
  std::vector<std::int32_t> fed() const {
    std::vector<std::int32_t> ids = prompt;
    ids.insert(ids.end(), targets.begin(), targets.end() - 1);
    return ids;
  }
};

/// The largest max|a-b| / max|b| over rows of `width` values; infinity when the sizes differ or a value is
/// not finite.
double worst_row_error(std::span<const float> a, std::span<const float> b, std::int64_t width);

/// The instruction sets that this processor has.
std::vector<const reference::Fp32Math*> available_math();

}  // namespace ttx::test
