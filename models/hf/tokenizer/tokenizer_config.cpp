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

/// A token by its text alone, or with its flags.
AddedToken read_special_token(const JsonNode& node) {
  AddedToken token;
  if (node.is_string()) {
    token.content = node.string();
  } else {
    const auto flag = [&node](const char* name) {
      const auto value = node.find(name);
      return value && value->boolean();
    };
    token.content = node.at("content").string();
    token.single_word = flag("single_word");
    token.lstrip = flag("lstrip");
    token.rstrip = flag("rstrip");
    token.normalized = flag("normalized");
  }
  token.special = true;
  return token;
}

std::vector<AddedToken> read_special_tokens(const JsonNode& root) {
  std::vector<AddedToken> tokens;
  for (const char* name :
       {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
    if (const auto node = root.find(name)) {
      tokens.push_back(read_special_token(*node));
    }
  }
  for (const char* name : {"additional_special_tokens", "extra_special_tokens"}) {
    const auto list = root.find(name);
    if (list && list->is_array()) {
      for (const JsonNode& node : list->elements()) {
        tokens.push_back(read_special_token(node));
      }
    } else if (list) {
      for (const auto& [role, node] : list->members()) {
        tokens.push_back(read_special_token(node));
      }
    }
  }
  return tokens;
}

std::vector<std::pair<std::int64_t, AddedToken>> read_added_tokens(const JsonNode& decoder,
                                                                   const std::vector<AddedToken>& special) {
  std::vector<std::pair<std::int64_t, AddedToken>> tokens;
  for (const auto& [key, node] : decoder.members()) {
    std::int64_t id = -1;
    const char* end = key.data() + key.size();
    const auto [stop, problem] = std::from_chars(key.data(), end, id);
    if (problem != std::errc() || stop != end || id < 0 || id >= kTokenIdLimit) {
      node.fail(fmt::format("a key that is an id below {}", kTokenIdLimit));
    }
    AddedToken token = read_added_token(node);
    token.special = token.special || std::any_of(special.begin(), special.end(), [&](const auto& other) {
                      return other.content == token.content;
                    });
    tokens.emplace_back(id, std::move(token));
  }
  std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return tokens;
}

std::optional<std::string> read_name(const JsonNode& root, const char* role) {
  const auto node = root.find(role);
  return node ? std::optional(read_special_token(*node).content) : std::nullopt;
}

std::optional<TokenizerConfig::Ends> read_ends(const JsonNode& root) {
  const auto name = root.find("tokenizer_class");
  const auto add_bos = root.find("add_bos_token");
  if (!name || !is_llama_class(name->string()) || !add_bos) {
    return std::nullopt;
  }
  const auto add_eos = root.find("add_eos_token");
  const TokenizerConfig::Ends ends = {add_bos->boolean(), add_eos && add_eos->boolean()};
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
  if (!std::filesystem::exists(file, ignored)) {
    return config;
  }
  const nlohmann::json json = read_json(file);
  const JsonNode root(json, file);
  const auto split = root.find("split_special_tokens");
  TTX_CHECK_AS(!split || !split->boolean(), ExitCode::kCheckpoint, "tokenizer",
               "split_special_tokens is not supported: got true in {}, expected false; special tokens are "
               "always found",
               file.string());
  config.bos_token = read_name(root, "bos_token");
  config.eos_token = read_name(root, "eos_token");
  config.pad_token = read_name(root, "pad_token");
  config.special_tokens = read_special_tokens(root);
  if (const auto decoder = root.find("added_tokens_decoder")) {
    config.added_tokens = read_added_tokens(*decoder, config.special_tokens);
  }
  config.ends = read_ends(root);
  return config;
}

}  // namespace ttx::hf
