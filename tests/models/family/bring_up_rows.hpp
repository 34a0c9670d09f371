// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {

/// A system of a bring-up of the tree.
struct Row {
  std::string model;   // <org>/<name>
  std::string system;  // of which functional/MODEL_BRINGUP.md speaks
  std::filesystem::path notes() const {
    return std::filesystem::path(TTX_SOURCE_DIR) / "models" / model / system / "functional/MODEL_BRINGUP.md";
  }
  /// Sizes of the published model, where ttx-synth knows it.
  std::filesystem::path shape() const {
    return std::filesystem::path(TTX_SOURCE_DIR) / "launch/synth_models" /
           (std::filesystem::path(model).filename().string() + ".json");
  }
};

inline void PrintTo(const Row& row, std::ostream* out) { *out << row.model << " on " << row.system; }

inline std::vector<Row> bring_up_rows() {
  const std::filesystem::path models = TTX_SOURCE_DIR "/models";
  std::vector<Row> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(models)) {
    const std::filesystem::path functional = entry.path().parent_path();
    if (entry.path().filename() == "model.cpp" && functional.filename() == "functional") {
      const std::filesystem::path system = functional.parent_path();
      found.push_back(
          {std::filesystem::relative(system.parent_path(), models).string(), system.filename().string()});
    }
  }
  return found;
}

/// "Qwen_Qwen3_0_6B_n150", for the names of tests.
inline std::string test_name(const Row& row) {
  std::string name = row.model + "_" + row.system;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

/// A tiny random checkpoint of the model below `folder`, made at the first call.
inline std::string tiny_random_checkpoint(const TempDir& folder, const std::string& model) {
  const std::filesystem::path made = folder / model;
  if (!std::filesystem::exists(made)) {
    std::filesystem::create_directories(made.parent_path());
    const CommandResult result = run({.arguments = {program("ttx-synth"), "--model", model, "--tiny",
                                                    "--seed", "1", "--output", made.string()},
                                      .environment = {},
                                      .folder = {}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
  return made.string();
}

}  // namespace ttx::test
