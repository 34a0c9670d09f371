// SPDX-License-Identifier: Apache-2.0
#include "launch/prompt_ids.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::launch {

namespace {

constexpr double kLargest = std::numeric_limits<std::int32_t>::max();

[[noreturn]] void refuse(const std::string& file, const std::string& got) {
  TTX_FAIL("prompt", "--prompt_ids_file must contain a JSON list of token ids: {} has {}", file, got);
}

std::int32_t to_id(const nlohmann::json& entry, const std::string& file) {
  double value = -1;
  if (entry.is_number()) {
    value = std::trunc(entry.get<double>());
  } else if (entry.is_string()) {
    const auto& text = entry.get_ref<const std::string&>();
    std::int32_t parsed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    value = error == std::errc{} && end == text.data() + text.size() ? parsed : -1;
  }
  if (!(value >= 0 && value <= kLargest)) {
    refuse(file, "the entry " + entry.dump());
  }
  return static_cast<std::int32_t>(value);
}

}  // namespace

std::vector<std::int32_t> parse_prompt_ids(std::string_view json, const std::string& file) {
  nlohmann::json list;
  try {
    list = parse_strict_json(json, "prompt", file);
  } catch (const Error& error) {
    const std::string_view text = error.what();  // "[prompt] FILE: ..."
    TTX_FAIL("prompt", "--prompt_ids_file must contain a JSON list of token ids: {}",
             text.substr(text.find("] ") + 2));
  }
  if (!list.is_array()) {
    refuse(file, std::string("a JSON ") + list.type_name());
  }
  TTX_CHECK_AS(!list.empty(), ExitCode::kLength, "prompt",
               "--prompt_ids_file must contain a JSON list of token ids: {} has an empty one", file);
  std::vector<std::int32_t> ids;
  for (const nlohmann::json& entry : list) {
    ids.push_back(to_id(entry, file));
  }
  return ids;
}

std::string read_text(const std::filesystem::path& file) {
  std::error_code error;
  const auto type = std::filesystem::status(file, error).type();
  TTX_CHECK(type == std::filesystem::file_type::regular || type == std::filesystem::file_type::fifo, "prompt",
            "cannot read \"{}\": {}, expected a file", file.string(),
            type == std::filesystem::file_type::not_found   ? "it does not exist"
            : type == std::filesystem::file_type::directory ? "it is a folder"
                                                            : "it is no regular file");
  std::ifstream stream(file, std::ios::binary);
  TTX_CHECK(stream.is_open(), "prompt", "cannot read \"{}\": {}", file.string(), std::strerror(errno));
  std::ostringstream text;
  text << stream.rdbuf();
  TTX_CHECK(!stream.bad(), "prompt", "cannot read \"{}\": {}", file.string(), std::strerror(errno));
  return text.str();
}

}  // namespace ttx::launch
