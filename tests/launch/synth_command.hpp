// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/file_map.hpp"
#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test::synth_command {

inline const std::string kTied = TTX_FIXTURES "/qwen3-odd-a/config.json";
inline const std::string kUntied = TTX_FIXTURES "/qwen3-odd-b/config.json";

inline CommandResult synth(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("ttx-synth"));
  return run({.arguments = std::move(arguments), .environment = {}, .folder = {}});
}

inline void write(const std::string& config, const std::filesystem::path& folder,
                  std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"--config", config, "--output", folder.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto result = synth(arguments);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, ::testing::HasSubstr("Wrote " + folder.string()));
}

/// File names and bytes.
inline std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    files.emplace(file.path().filename().string(), FileMap::open(file.path())->text());
  }
  return files;
}

}  // namespace ttx::test::synth_command
