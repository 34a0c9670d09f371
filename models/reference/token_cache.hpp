// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/common/logits_processors.hpp"
#include "models/reference/reference_tokens.hpp"
#include "runtime/cache_folder.hpp"

namespace ttx::reference {

/// Names the tokens that greedy generation gives: SHA-256 over the checkpoint's fingerprint, the prompt,
/// every setting that changes the tokens, and the version of the reference's arithmetic. 64 hex digits.
std::string token_cache_key(std::string_view checkpoint_fingerprint, std::span<const std::int32_t> prompt,
                            const GreedySettings& settings);

/// Reference tokens kept between runs, one file per key in `folder`/reference. Nothing that is wrong with the
/// files or the folder is an error: a damaged file is warned of once and counts as absent, a folder that
/// cannot be written is warned of once and nothing is kept. Several processes may share a folder: a file
/// appears whole or not at all.
class TokenCache {
 public:
  explicit TokenCache(const std::filesystem::path& folder = cache_folder());
  /// Finds and keeps nothing, and does not say so.
  static TokenCache none();

  std::optional<ReferenceTokens> find(const std::string& key);
  void store(const std::string& key, const ReferenceTokens& tokens);

  std::filesystem::path file_of(const std::string& key) const;

 private:
  void warn_once(std::string_view text);

  std::filesystem::path folder_;  ///< empty when there is none
  bool warned_ = false;
};

}  // namespace ttx::reference
