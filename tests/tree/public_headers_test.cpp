// SPDX-License-Identifier: Apache-2.0
//
// An install has the headers that bring-ups need, directly or not, and no other.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// What a file of the tree includes of the tree.
std::vector<std::string> includes_of(const fs::path& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*"([^"]+)")re");
  std::vector<std::string> result;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (std::smatch match; std::regex_search(line, match, kInclude)) {
      result.push_back(match[1]);
    }
  }
  return result;
}

void collect(const std::string& header, std::set<std::string>& headers) {
  if (headers.insert(header).second) {
    for (const std::string& next : includes_of(fs::path(TTX_SOURCE_DIR) / header)) {
      collect(next, headers);
    }
  }
}

bool is_bring_up(const fs::path& file) {
  return file.filename() == "model.cpp" || file.filename() == "model.hpp";
}

TEST(PublicHeaders, AreThoseThatBringUpsNeed) {
  std::set<std::string> needed;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TTX_SOURCE_DIR) / "models")) {
    if (!is_bring_up(entry.path())) {
      continue;
    }
    for (const std::string& header : includes_of(entry.path())) {
      if (!is_bring_up(header)) {
        collect(header, needed);
      }
    }
  }
  collect("runtime/error.hpp", needed);  // for checks of their own
  std::set<std::string> installed;
  std::istringstream names(TTX_PUBLIC_HEADERS);
  for (std::string name; std::getline(names, name, ':');) {
    if (!is_bring_up(name)) {  // Llama's text, from which others derive
      installed.insert(name);
    }
  }
  EXPECT_THAT(needed, testing::Contains("models/common/model_module.hpp"));
  EXPECT_EQ(installed, needed) << "the lists are those of ttx_public_headers() in the rooms' CMakeLists.txt";
}

}  // namespace
