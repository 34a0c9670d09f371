// SPDX-License-Identifier: Apache-2.0
#include "models/hf/json_fields.hpp"

#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"

namespace ttx::hf {

namespace {

using nlohmann::json;

constexpr std::int64_t kMaxTokenId = std::numeric_limits<std::int32_t>::max();

/// Long values are cut: the message should stay one line.
std::string shown(const json& value) {
  constexpr std::size_t kMost = 80;
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > kMost) {
    text.resize(kMost);
    text += "...";
  }
  return text;
}

/// The value as an integer, if it is one.
std::optional<std::int64_t> as_integer(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return number <= static_cast<std::uint64_t>(JsonFields::kAny)
               ? std::optional(static_cast<std::int64_t>(number))
               : std::nullopt;
  }
  if (value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::trunc(number) == number && std::abs(number) <= kExact) {
      return static_cast<std::int64_t>(number);
    }
  }
  return std::nullopt;
}

std::string range(std::int64_t least, std::int64_t most) {
  return most == JsonFields::kAny ? fmt::format("an integer of at least {}", least)
                                  : fmt::format("an integer from {} to {}", least, most);
}

}  // namespace

JsonFields::JsonFields(const json& object, std::string op, std::string file, std::string prefix)
    : object_(object), op_(std::move(op)), file_(std::move(file)), prefix_(std::move(prefix)) {
  if (!object_.is_object()) {
    refuse_text(
        fmt::format("{}got {}, expected an object", prefix_.empty() ? "" : prefix_ + ": ", shown(object_)));
  }
}

bool JsonFields::has(const std::string& key) const { return object_.contains(key); }

const json* JsonFields::find(const std::string& key) const {
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void JsonFields::refuse(const std::string& key, std::string_view expected) const {
  const auto found = object_.find(key);
  const std::string got = found == object_.end() ? "no such key" : shown(*found);
  refuse_text(fmt::format("{}{}: got {}, expected {}", prefix_, key, got, expected));
}

void JsonFields::refuse_text(std::string_view text) const {
  fail(op_, fmt::format("{}: {}", file_, text), ExitCode::kCheckpoint);
}

std::optional<std::int64_t> JsonFields::optional_integer(const std::string& key, std::int64_t least,
                                                         std::int64_t most) const {
  const json* const value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto number = as_integer(*value);
  if (!number || *number < least || *number > most) {
    refuse(key, range(least, most));
  }
  return number;
}

std::int64_t JsonFields::integer(const std::string& key, std::int64_t least, std::int64_t most) const {
  const auto number = optional_integer(key, least, most);
  if (!number) {
    refuse(key, range(least, most));
  }
  return *number;
}

std::optional<double> JsonFields::optional_number(const std::string& key) const {
  const json* const value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_number()) {
    refuse(key, "a number");
  }
  return value->get<double>();
}

std::optional<bool> JsonFields::optional_boolean(const std::string& key) const {
  const json* const value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_boolean()) {
    refuse(key, "true or false");
  }
  return value->get<bool>();
}

std::optional<std::string> JsonFields::optional_string(const std::string& key) const {
  const json* const value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_string()) {
    refuse(key, "a string");
  }
  return value->get<std::string>();
}

std::vector<std::string> JsonFields::strings(const std::string& key) const {
  std::vector<std::string> texts;
  const json* const value = find(key);
  if (value == nullptr) {
    return texts;
  }
  if (!value->is_array()) {
    refuse(key, "a list of strings");
  }
  for (const json& text : *value) {
    if (!text.is_string()) {
      refuse(key, "a list of strings");
    }
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

std::vector<std::int32_t> JsonFields::token_ids(const std::string& key) const {
  const json* const value = find(key);
  if (value == nullptr) {
    return {};
  }
  const json list = value->is_array() ? *value : json::array({*value});
  std::vector<std::int32_t> ids;
  for (const json& item : list) {
    const auto id = as_integer(item);
    if (!id || *id < 0 || *id > kMaxTokenId) {
      refuse(key, "a token id or a list of token ids");
    }
    ids.push_back(static_cast<std::int32_t>(*id));
  }
  return ids;
}

std::optional<std::int32_t> JsonFields::token_id(const std::string& key) const {
  const auto id = optional_integer(key, -1, kMaxTokenId);
  // Some published files write "no token" as -1.
  return id && *id >= 0 ? std::optional(static_cast<std::int32_t>(*id)) : std::nullopt;
}

}  // namespace ttx::hf
