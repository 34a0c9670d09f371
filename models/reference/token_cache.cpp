// SPDX-License-Identifier: Apache-2.0
#include "models/reference/token_cache.hpp"

#include <bit>
#include <sstream>
#include <system_error>
#include <vector>

#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"
#include "runtime/file_map.hpp"
#include "runtime/log.hpp"
#include "runtime/sha256.hpp"

namespace ttx::reference {

/// Found by cereal through the namespace of ReferenceTokens.
template <class Archive>
void serialize(Archive& archive, ReferenceTokens& tokens) {
  archive(tokens.prompt_ids, tokens.target_ids, tokens.margin, tokens.top_logit, tokens.entropy);
}

namespace {

// Raise it when the reference's arithmetic, or what the file holds, changes.
constexpr std::string_view kVersion = "ttx reference tokens 1\n";
constexpr std::size_t kDigestLength = 64;

void add_number(Sha256& hash, std::uint64_t value) { hash.update(std::as_bytes(std::span(&value, 1))); }

void add_ids(Sha256& hash, std::span<const std::int32_t> ids) {
  add_number(hash, ids.size());
  hash.update(std::as_bytes(ids));
}

/// kVersion, the SHA-256 of the archive, the archive. The digest is checked before cereal sees a byte: it
/// believes the lengths that it reads.
std::string packed(const std::string& key, const ReferenceTokens& tokens) {
  std::ostringstream out;
  {
    cereal::BinaryOutputArchive archive(out);
    archive(key, tokens);
  }
  const std::string body = out.str();
  return std::string(kVersion) + sha256_hex(body) + body;
}

std::optional<ReferenceTokens> unpacked(std::string_view text, const std::string& key) {
  if (!text.starts_with(kVersion) || text.size() < kVersion.size() + kDigestLength) {
    return std::nullopt;
  }
  const std::string_view body = text.substr(kVersion.size() + kDigestLength);
  if (sha256_hex(body) != text.substr(kVersion.size(), kDigestLength)) {
    return std::nullopt;
  }
  std::string stored_key;
  ReferenceTokens tokens;
  std::istringstream in{std::string(body)};
  cereal::BinaryInputArchive archive(in);
  archive(stored_key, tokens);
  const std::size_t n = tokens.target_ids.size();
  const bool whole = tokens.margin.size() == n && tokens.top_logit.size() == n && tokens.entropy.size() == n;
  return whole && stored_key == key ? std::optional(tokens) : std::nullopt;
}

}  // namespace

std::string token_cache_key(std::string_view checkpoint_fingerprint, std::span<const std::int32_t> prompt,
                            const GreedySettings& settings) {
  Sha256 hash;
  hash.update(kVersion);
  add_number(hash, checkpoint_fingerprint.size());
  hash.update(checkpoint_fingerprint);
  add_ids(hash, prompt);
  add_number(hash, static_cast<std::uint64_t>(settings.max_new_tokens));
  add_number(hash, static_cast<std::uint64_t>(settings.min_new_tokens));
  add_ids(hash, settings.eos_token_ids);
  add_number(hash, std::bit_cast<std::uint32_t>(settings.repetition_penalty));
  return hash.hex();
}

TokenCache::TokenCache(const std::filesystem::path& folder)
    : folder_(folder.empty() ? folder : folder / "reference") {}

TokenCache TokenCache::none() {
  TokenCache cache{std::filesystem::path()};
  cache.warned_ = true;
  return cache;
}

std::filesystem::path TokenCache::file_of(const std::string& key) const {
  return folder_ / (key + ".tokens");
}

std::optional<ReferenceTokens> TokenCache::find(const std::string& key) {
  const std::filesystem::path file = file_of(key);
  std::error_code ignored;
  if (folder_.empty() || !std::filesystem::exists(file, ignored)) {
    return std::nullopt;
  }
  try {
    if (std::optional<ReferenceTokens> tokens = unpacked(FileMap::open(file)->text(), key)) {
      return tokens;
    }
    warn_once(fmt::format("ignoring {}: damaged, or not made by this version", file.string()));
  } catch (const std::exception& error) {
    warn_once(fmt::format("ignoring {}: {}", file.string(), error.what()));
  }
  return std::nullopt;
}

void TokenCache::store(const std::string& key, const ReferenceTokens& tokens) {
  if (!make_writable_folder(folder_)) {
    warn_once(folder_.empty()
                  ? "reference tokens are not kept: no cache folder is known; set TTX_CACHE"
                  : fmt::format("reference tokens are not kept: {} cannot be written; set TTX_CACHE",
                                folder_.string()));
    return;
  }
  try {
    write_file(file_of(key), packed(key, tokens));
  } catch (const Error& error) {
    warn_once(fmt::format("reference tokens are not kept: {}", error.what()));
  }
}

void TokenCache::warn_once(std::string_view text) {
  if (!warned_) {
    warned_ = true;
    log::warning("{}", text);
  }
}

}  // namespace ttx::reference
