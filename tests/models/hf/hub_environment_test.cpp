// SPDX-License-Identifier: Apache-2.0
#include "models/hf/hub_environment.hpp"

#include <fstream>
#include <pwd.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/models/hf/hub_environment.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::HubEnvironment;

/// What transformers 4 and 5 do under the same environments (tests/fixtures/hub_environments.py).
json table() {
  std::ifstream file(TTX_FIXTURES "/hub-environments.json");
  EXPECT_TRUE(file.is_open());
  return json::parse(file);
}

std::string in_root(std::string text) {
  for (auto at = text.find("{root}"); at != std::string::npos; at = text.find("{root}")) {
    text.replace(at, 6, "/test/root");
  }
  return text;
}

void set_all(HubEnvironment& environment, const json& settings) {
  environment.set("HOME", in_root("{root}/home"));
  for (const auto& [name, value] : settings.items()) {
    environment.set(name, in_root(value.get<std::string>()));
  }
}

TEST(HubEnvironment, NamesTheCachesOfTheLibraries) {
  const json rows = table()["folders"];
  ASSERT_GE(rows.size(), 30U);
  for (const json& row : rows) {
    SCOPED_TRACE(row["environment"].dump());
    HubEnvironment environment;
    set_all(environment, row["environment"]);
    const auto roots = hub_cache_roots();
    EXPECT_EQ(roots.front(), in_root(row["folders"][0].get<std::string>()));  // transformers 4
    EXPECT_EQ(roots.back(), in_root(row["folders"][1].get<std::string>()));   // transformers 5
    EXPECT_LE(roots.size(), 2U);
  }
}

TEST(HubEnvironment, KnowsWhenTheLibrariesAreOffline) {
  const json rows = table()["offline"];
  ASSERT_GE(rows.size(), 20U);
  for (const json& row : rows) {
    SCOPED_TRACE(row["environment"].dump());
    HubEnvironment environment;
    set_all(environment, row["environment"]);
    for (const json& offline : row["offline"]) {
      EXPECT_EQ(!offline_switches().empty(), offline.get<bool>());
    }
  }
}

TEST(HubEnvironment, ExpandsPaths) {
  HubEnvironment environment;
  environment.set("HOME", "/home/u");
  environment.set("TTX_TEST_X", "v");
  EXPECT_EQ(expand_path("~"), "/home/u");
  EXPECT_EQ(expand_path("a/~/b"), "a/~/b");
  EXPECT_EQ(expand_path("~no-such-user/b"), "~no-such-user/b");
  EXPECT_EQ(expand_path("$TTX_TEST_X-${TTX_TEST_X}x$"), "v-vx$");
  EXPECT_EQ(expand_path("${TTX_TEST_X"), "${TTX_TEST_X");
  EXPECT_EQ(expand_path("${}$$"), "${}$$");
}

TEST(HubEnvironment, AsksTheListOfUsersForAHome) {
  const HubEnvironment environment;  // HOME is not set
  const passwd* const entry = ::getpwuid(::getuid());
  if (entry == nullptr) {
    EXPECT_EQ(expand_path("~/x"), "~/x");
    return;
  }
  const std::string home = std::string(entry->pw_dir) == "/" ? "" : entry->pw_dir;
  const std::string name = entry->pw_name;
  EXPECT_EQ(expand_path("~/x"), home + "/x");
  EXPECT_EQ(expand_path("~" + name + "/x"), home + "/x");
  EXPECT_EQ(hub_cache_roots().front(), home + "/.cache/huggingface/hub");
}

}  // namespace
}  // namespace ttx::hf
