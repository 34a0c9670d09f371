// SPDX-License-Identifier: Apache-2.0
// The configs of the nine bring-up models (launch/synth_models), whole and changed.
#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/config.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test::configs {

using nlohmann::json;

inline json published(const std::string& name) {
  const auto file = std::filesystem::path(TTX_SOURCE_DIR) / "launch" / "synth_models" / (name + ".json");
  return json::parse(std::ifstream(file)).at("config");
}

inline hf::Config parse(const json& value) { return hf::Config::parse(value.dump(), "c.json"); }
inline hf::Config known(const std::string& name) { return parse(published(name)); }

inline void refuses(const json& config, std::initializer_list<std::string_view> pieces) {
  SCOPED_TRACE(config.dump());
  expect_error(ExitCode::kCheckpoint, pieces, [&] { parse(config); });
}

inline json with(json config, const std::string& key, const json& value) {
  config[key] = value;
  return config;
}

inline json without(json config, const std::string& key) {
  config.erase(key);
  return config;
}

}  // namespace ttx::test::configs
