// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/tokenizer_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

bool is_llama_class(std::string_view name) {
  // Their "fast" classes of transformers 4 rebuild the post-processor from add_bos_token and add_eos_token.
  constexpr std::array<std::string_view, 8> kNames = {
      "LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "CodeLlamaTokenizerFast",
      "GemmaTokenizer", "GemmaTokenizerFast", "CohereTokenizer",    "CohereTokenizerFast"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::vector<std::pair<std::int64_t, AddedToken>> read_added_tokens(const JsonNode& decoder) {
  std::vector<std::pair<std::int64_t, AddedToken>> tokens;
  for (const auto& [key, node] : decoder.members()) {
    std::int64_t id = -1;
    const char* end = key.data() + key.size();
    const auto [stop, problem] = std::from_chars(key.data(), end, id);
    if (problem != std::errc() || stop != end || id < 0 || id >= kTokenIdLimit) {
      node.fail(fmt::format("a key that is an id below {}", kTokenIdLimit));
    }
    tokens.emplace_back(id, read_added_token(node));
  }
  std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return tokens;
}

std::optional<TokenizerConfig::Ends> read_ends(const JsonNode& root) {
  const auto name = root.find("tokenizer_class");
  const auto add_bos = root.find("add_bos_token");
  if (!name || !is_llama_class(name->string())) {
    return std::nullopt;
  }
  const auto add_eos = root.find("add_eos_token");
  const TokenizerConfig::Ends ends = {add_bos ? add_bos->boolean() : root.find("bos_token").has_value(),
                                      add_eos && add_eos->boolean()};
  if (ends.add_bos) {
    root.at("bos_token");
  }
  if (ends.add_eos) {
    root.at("eos_token");
  }
  return ends;
}

}  // namespace

TokenizerConfig read_tokenizer_config(const std::filesystem::path& file) {
  TokenizerConfig config;
  std::error_code ignored;
  // A link to nowhere is not an absent file.
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
    return config;
  }
  const nlohmann::json json = read_json(file);
  const JsonNode root(json, file);
  const auto split = root.find("split_special_tokens");
  TTX_CHECK_AS(!split || !split->boolean(), ExitCode::kCheckpoint, "tokenizer",
               "split_special_tokens is not supported: got true in {}, expected false; special tokens are "
               "always found",
               file.string());
  config.special = read_special_tokens(root, file);
  if (const auto decoder = root.find("added_tokens_decoder")) {
    config.added_tokens = read_added_tokens(*decoder);
  }
  config.ends = read_ends(root);
  return config;
}

}  // namespace ttx::hf
