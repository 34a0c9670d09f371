// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace ttx::test {

/// The folder of full-size tokenizers, too large to keep in the tree: what TTX_TOKENIZERS_DIR names, else
/// shared/data/tokenizers beside the tree.
inline std::filesystem::path real_tokenizers() {
  const char* const named = std::getenv("TTX_TOKENIZERS_DIR");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(TTX_SOURCE_DIR).parent_path() / "shared/data/tokenizers";
}

/// A file of it, such as Qwen3-0.6B/tokenizer.json, where it is there.
inline std::optional<std::filesystem::path> real_tokenizer_file(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path found = real_tokenizers() / file;
  return std::filesystem::is_regular_file(found, error) ? std::optional(found) : std::nullopt;
}

/// Why a test is skipped without the file.
inline std::string needs_real_tokenizer(const std::string& file) {
  return "set TTX_TOKENIZERS_DIR to a folder that holds " + file + ": it is not in " +
         real_tokenizers().string();
}

}  // namespace ttx::test
