// SPDX-License-Identifier: Apache-2.0
#include "runtime/strict_json.hpp"

#include <string>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"

namespace ttx {

namespace {

using nlohmann::json;

constexpr int kMaxDepth = 100;

/// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without the bracket.
std::string plain(const std::string& text) {
  const auto bracket = text.find("] ");
  return text.starts_with("[") && bracket != std::string::npos ? text.substr(bracket + 2) : text;
}

}  // namespace

json parse_strict_json(std::string_view text, std::string_view op, std::string_view file) {
  // The library takes a NUL for the end of the text, and skips a byte order mark.
  const auto nul = text.find('\0');
  TTX_CHECK_AS(nul == std::string_view::npos, ExitCode::kCheckpoint, op,
               "{}: not valid JSON: NUL byte at offset {}", file, nul);
  TTX_CHECK_AS(!text.starts_with("\xEF\xBB\xBF"), ExitCode::kCheckpoint, op,
               "{}: not valid JSON: begins with a byte order mark; save the file as UTF-8 without one", file);
  std::vector<std::unordered_set<std::string>> keys;
  const auto check = [&](int depth, json::parse_event_t event, json& value) {
    switch (event) {
      case json::parse_event_t::object_start:
        keys.emplace_back();
        [[fallthrough]];
      case json::parse_event_t::array_start:
        TTX_CHECK_AS(depth < kMaxDepth, ExitCode::kCheckpoint, op, "{}: JSON nested deeper than {} levels",
                     file, kMaxDepth);
        break;
      case json::parse_event_t::object_end:
        keys.pop_back();
        break;
      case json::parse_event_t::key: {
        const auto& name = value.get_ref<const std::string&>();
        TTX_CHECK_AS(keys.back().insert(name).second, ExitCode::kCheckpoint, op,
                     "{}: the key '{}' occurs twice", file, name);
        break;
      }
      default:
        break;
    }
    return true;
  };
  try {
    return json::parse(text, check);
  } catch (const json::exception& error) {
    TTX_FAIL_AS(ExitCode::kCheckpoint, op, "{}: not valid JSON: {}", file, plain(error.what()));
  }
}

}  // namespace ttx
