// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/special_tokens.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

namespace ttx::hf {
namespace {

constexpr std::array<std::string_view, 7> kRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                    "pad_token", "cls_token", "mask_token"};

/// What class Qwen2Tokenizer takes for the roles that the file does not mention; null is a mention.
constexpr std::string_view kQwenDefault = "<|endoftext|>";
constexpr std::array<std::string_view, 3> kQwenRoles = {"eos_token", "unk_token", "pad_token"};

bool is_one_of(std::string_view name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A token by its text alone, which is special, or with its flags.
AddedToken read_token(const JsonNode& node) {
  AddedToken token;
  token.special = true;
  if (node.is_string()) {
    token.content = node.string();
    return token;
  }
  const auto flag = [&node](const char* name, bool otherwise) {
    const auto value = node.find(name);
    return value ? value->boolean() : otherwise;
  };
  token.content = node.at("content").string();
  token.single_word = flag("single_word", false);
  token.lstrip = flag("lstrip", false);
  token.rstrip = flag("rstrip", false);
  token.special = flag("special", false);
  token.normalized = flag("normalized", false);
  return token;
}

AddedToken read_role_token(const JsonNode& node) {
  AddedToken token = read_token(node);
  token.special = true;
  return token;
}

void read_standard_roles(const JsonNode& root, SpecialTokens& tokens) {
  for (const std::string_view role : kRoles) {
    const std::string key(role);
    std::optional<std::string> content;
    if (const auto node = root.find(key)) {
      tokens.with_role.push_back(read_role_token(*node));
      content = tokens.with_role.back().content;
    } else if (tokens.reset_flags && is_one_of(role, kQwenRoles) && !root.value().contains(key)) {
      content = kQwenDefault;
      tokens.with_role.push_back({.content = *content, .special = true});
    }
    if (content) {
      tokens.named[key] = *content;
    }
    if (role == "bos_token") {
      tokens.bos = content;
    } else if (role == "eos_token") {
      tokens.eos = content;
    } else if (role == "pad_token") {
      tokens.pad = content;
    }
  }
}

/// The names of an object's members in the order of the file, which the ids of new tokens follow.
std::vector<std::string> names_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> names;
  for (const auto& member : object.items()) {
    names.push_back(member.key());
  }
  return names;
}

void read_further_roles(const JsonNode& root, const nlohmann::ordered_json& ordered, SpecialTokens& tokens) {
  for (const std::string& key : names_of(ordered)) {
    const auto node = root.find(key);
    if (node && key.ends_with("_token") && !is_one_of(key, kRoles) &&
        (node->is_string() || node->is_object())) {
      tokens.with_role.push_back(read_role_token(*node));
      tokens.named[key] = tokens.with_role.back().content;
    }
  }
}

void read_list(const JsonNode& root, const nlohmann::ordered_json& ordered, const std::string& key,
               SpecialTokens& tokens) {
  const auto list = root.find(key);
  if (!list) {
    return;
  }
  if (list->is_array()) {
    for (const JsonNode& node : list->elements()) {
      tokens.listed.push_back(read_token(node));
    }
    return;
  }
  list->members();  // refuses what is neither
  for (const std::string& name : names_of(ordered.at(key))) {
    tokens.with_role.push_back(read_role_token(list->at(name)));
    tokens.named[name] = tokens.with_role.back().content;
  }
}

}  // namespace

SpecialTokens read_special_tokens(const JsonNode& root, const std::filesystem::path& file) {
  const nlohmann::ordered_json ordered = read_ordered_json(file);
  SpecialTokens tokens;
  const auto name = root.find("tokenizer_class");
  tokens.reset_flags = name && (name->string() == "Qwen2Tokenizer" || name->string() == "Qwen2TokenizerFast");
  read_standard_roles(root, tokens);
  read_further_roles(root, ordered, tokens);
  read_list(root, ordered, "extra_special_tokens", tokens);
  // The older name counts where the newer one has no list.
  const auto extra = root.find("extra_special_tokens");
  if (!extra || !extra->is_array() || extra->value().empty()) {
    read_list(root, ordered, "additional_special_tokens", tokens);
  }
  if (tokens.reset_flags) {
    for (std::vector<AddedToken>* list : {&tokens.with_role, &tokens.listed}) {
      for (AddedToken& token : *list) {
        token = {.content = token.content, .special = true};
      }
    }
  }
  return tokens;
}

}  // namespace ttx::hf
