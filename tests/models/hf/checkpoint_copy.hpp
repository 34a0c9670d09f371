// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/checkpoint.hpp"
#include "runtime/safetensors_writer.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {

inline const std::filesystem::path kOneFile = std::filesystem::path(TTX_FIXTURES) / "qwen3-odd-a";  // tied
inline const std::filesystem::path kShards = std::filesystem::path(TTX_FIXTURES) / "qwen3-odd-b";   // untied

/// A fixture copied to a folder where files can be changed.
struct CheckpointCopy {
  explicit CheckpointCopy(const std::filesystem::path& fixture) {
    for (const auto& file : std::filesystem::directory_iterator(fixture)) {
      std::filesystem::copy(file.path(), dir.path() / file.path().filename());
    }
  }
  void refuses(std::initializer_list<std::string_view> pieces) const {
    expect_error(ExitCode::kCheckpoint, pieces, [this] { hf::Checkpoint::open(dir.path()); });
  }
  TempDir dir;
};

/// A float32 file in which every tensor is [1] and holds 1.
inline void write_tensors(const std::filesystem::path& file, const std::vector<std::string>& names) {
  std::vector<SafetensorsWriter::Tensor> tensors;
  for (const auto& name : names) {
    tensors.push_back({name, "F32", {1}});
  }
  SafetensorsWriter writer(file, tensors);
  const float value = 1.0F;
  for (const auto& name : names) {
    writer.write(name, std::as_bytes(std::span(&value, 1)));
  }
  writer.finish();
}

}  // namespace ttx::test
