// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/vocabulary.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"

namespace ttx::hf {

Vocabulary::Vocabulary(const JsonNode& vocab) {
  if (!vocab.is_object()) {
    vocab.fail("an object of tokens and ids");
  }
  const nlohmann::json& entries = vocab.value();
  const auto read_id = [&vocab](const nlohmann::json& value, const std::string& token) {
    const auto id = integer_up_to(value, kTokenIdLimit - 1);
    TTX_CHECK_AS(
        id, ExitCode::kCheckpoint, "tokenizer",
        "the id of token \"{}\" is wrong at {}: got {}, expected an integer below {}; the file is damaged",
        token, vocab.place(), value.is_structured() ? value.type_name() : value.dump(-1, ' ', true),
        kTokenIdLimit);
    return static_cast<std::size_t>(*id);
  };
  std::size_t end = 0;
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    end = std::max(end, read_id(entry.value(), entry.key()) + 1);
  }
  tokens_.resize(end);
  present_.resize(end, false);
  ids_.reserve(entries.size());
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    const auto id = entry.value().get<std::size_t>();
    TTX_CHECK_AS(
        !present_[id], ExitCode::kCheckpoint, "tokenizer",
        "two tokens have one id at {}: got \"{}\" and \"{}\" with id {}, expected one; the file is damaged",
        vocab.place(), tokens_[id], entry.key(), id);
    present_[id] = true;
    tokens_[id] = entry.key();
    ids_.emplace(tokens_[id], static_cast<std::int32_t>(id));
  }
}

std::optional<std::int32_t> Vocabulary::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

const std::string* Vocabulary::token(std::int32_t id) const {
  const bool known =
      id >= 0 && static_cast<std::size_t>(id) < tokens_.size() && present_[static_cast<std::size_t>(id)];
  return known ? &tokens_[static_cast<std::size_t>(id)] : nullptr;
}

}  // namespace ttx::hf
