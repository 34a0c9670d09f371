// SPDX-License-Identifier: Apache-2.0
//
// The direction of includes: kernels <- runtime <- ccl <- models <- launch; mpi.h in ccl only.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"kernels", {"kernels"}},
    {"runtime", {"runtime", "kernels"}},
    {"ccl", {"ccl", "runtime"}},
    {"models", {"models", "ccl", "runtime"}},
    {"launch", {"launch", "models", "ccl", "runtime"}},
};

struct Include {
  std::string file;
  std::string target;
};

/// Every #include of a room's sources.
std::vector<Include> includes_of(const std::string& room) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<Include> result;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TTX_SOURCE_DIR) / room)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".hpp" && extension != ".cpp" && extension != ".ipp") {
      continue;
    }
    std::ifstream stream(entry.path());
    for (std::string line; std::getline(stream, line);) {
      if (std::smatch match; std::regex_search(line, match, kInclude)) {
        result.push_back({fs::relative(entry.path(), TTX_SOURCE_DIR).string(), match[1]});
      }
    }
  }
  return result;
}

std::vector<std::string> violations(const std::string& room, const std::vector<Include>& includes) {
  std::vector<std::string> result;
  for (const Include& include : includes) {
    const std::string target_room = include.target.substr(0, include.target.find('/'));
    const bool ours = kMayInclude.contains(target_room) || target_room == "tests" || target_room == "bench";
    if (ours && !kMayInclude.at(room).contains(target_room)) {
      result.push_back(include.file + " includes " + include.target);
    }
    if (include.target == "mpi.h" && room != "ccl") {
      result.push_back(include.file + " includes mpi.h");
    }
  }
  return result;
}

TEST(Layering, EveryRoomIncludesOnlyTheRoomsBelow) {
  for (const auto& [room, allowed] : kMayInclude) {
    const auto includes = includes_of(room);
    EXPECT_FALSE(includes.empty()) << room << ": no source was read";
    EXPECT_THAT(violations(room, includes), testing::IsEmpty()) << room;
  }
}

TEST(Layering, AWrongIncludeIsSeen) {
  EXPECT_THAT(violations("kernels", {{"kernels/x.cpp", "runtime/error.hpp"}}), testing::SizeIs(1));
  EXPECT_THAT(violations("models", {{"models/x.cpp", "kernels/table.hpp"}}), testing::SizeIs(1));
  EXPECT_THAT(violations("runtime", {{"runtime/x.cpp", "mpi.h"}}), testing::SizeIs(1));
  EXPECT_THAT(violations("ccl", {{"ccl/x.cpp", "mpi.h"}, {"ccl/x.cpp", "runtime/error.hpp"}}),
              testing::IsEmpty());
}

TEST(Layering, MpiHeaderStaysOutOfPublicHeaders) {
  for (const Include& include : includes_of("ccl")) {
    const bool is_header = include.file.size() > 4 && include.file.substr(include.file.size() - 4) == ".hpp";
    const bool is_private = include.file == "ccl/mpi_check.hpp";
    EXPECT_FALSE(is_header && !is_private && include.target == "mpi.h") << include.file;
  }
}

}  // namespace
