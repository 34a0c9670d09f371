// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/tokenizer.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf::test {

/// A tokenizer.json whose vocabulary is the ASCII characters (id = code point, from U+0001) and the results
/// of `merges`, which are "left right" as in files; no other part is set.
inline nlohmann::json ascii_tokenizer(std::initializer_list<const char*> merges = {}) {
  nlohmann::json vocab = nlohmann::json::object();
  vocab[std::string("\0", 1)] = 0;
  for (char c = 1; c < 127; ++c) {
    vocab[std::string(1, c)] = static_cast<int>(c);
  }
  nlohmann::json list = nlohmann::json::array();
  for (const std::string merge : merges) {
    std::string joined = merge;
    joined.erase(merge.find(' '), 1);
    vocab.emplace(joined, vocab.size());
    list.push_back(merge);
  }
  return {{"version", "1.0"},
          {"added_tokens", nlohmann::json::array()},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", list}}}};
}

/// An added token with every flag false.
inline nlohmann::json added_token(std::int64_t id, std::string_view content) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", false}};
}

/// Loads a tokenizer from files with this content; no tokenizer_config.json when `config` is null.
inline Tokenizer load(const nlohmann::json& tokenizer, const nlohmann::json& config = nullptr) {
  const ttx::test::TempDir folder;
  folder.write("tokenizer.json", tokenizer.dump());
  if (!config.is_null()) {
    folder.write("tokenizer_config.json", config.dump());
  }
  return Tokenizer::load(folder.path());
}

inline std::vector<std::int32_t> encode(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text, AddSpecialTokens::kNo);
}

/// `text` given as code points, for characters that an editor would not show.
inline std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    append_utf8(out, c);
  }
  return out;
}

}  // namespace ttx::hf::test
