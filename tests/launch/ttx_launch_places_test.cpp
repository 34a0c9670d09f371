// SPDX-License-Identifier: Apache-2.0
//
// Where ttx-launch, mpirun and ttx-eval write: below TMPDIR and TTX_CACHE, whoever runs them.
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/launch_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kNobody = "65534";

class TtxLaunchPlaces : public testing::Test {
 protected:
  TtxLaunchPlaces() {
    for (const char* name : {"home", "here", "tmp", "cache"}) {
      fs::create_directory(folder_ / name);
    }
  }
  Command command(const std::string& system, const std::string& home, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--max_new_tokens", "4"});
    Command result = launch(folder_, demo_eval(system, more));
    result.environment.insert(
        result.environment.end(),
        {"HOME=" + home, "TMPDIR=" + (folder_ / "tmp").string(), "TTX_CACHE=" + (folder_ / "cache").string(),
         "XDG_CACHE_HOME", "TT_METAL_CACHE"});
    result.folder = (folder_ / "here").string();
    return result;
  }
  /// Every file and folder below `name`.
  std::vector<std::string> content(const std::string& name) {
    std::vector<std::string> result;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
      result.push_back(fs::relative(entry.path(), folder_ / name).string());
    }
    return result;
  }
  void expect_done_without_a_trace(const CommandResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("Top-1 accuracy"));
    EXPECT_THAT(content("home"), IsEmpty());
    EXPECT_THAT(content("here"), IsEmpty());
    EXPECT_THAT(content("tmp"), IsEmpty());
    EXPECT_THAT(content("cache"), testing::UnorderedElementsAre(
                                      "reference", testing::MatchesRegex("reference/[0-9a-f]+\\.tokens")));
  }

  TempDir folder_;
};

TEST_F(TtxLaunchPlaces, NothingIsWrittenAtHomeOrHere) {
  for (const char* system : {"n150", "t3000"}) {
    expect_done_without_a_trace(run(command(system, (folder_ / "home").string())));
  }
}

TEST_F(TtxLaunchPlaces, NoHomeIsNeeded) {
  for (const std::string& home : {std::string("/proc/nonexistent"), std::string("/nonexistent/home")}) {
    expect_done_without_a_trace(run(command("n300", home)));
    EXPECT_FALSE(fs::exists(home)) << home;
  }
  fs::permissions(folder_ / "home", fs::perms::owner_read | fs::perms::owner_exec);
  expect_done_without_a_trace(run(command("n300", (folder_ / "home").string())));
  fs::permissions(folder_ / "home", fs::perms::owner_all);
}

/// All of it again as a user without rights, when this is root's build in a place that others can read.
TEST_F(TtxLaunchPlaces, AnUnprivilegedUserNeedsNothingMore) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "SKIPPED: not root, so the other tests are this one";
  }
  const std::vector<std::string> as_nobody{"setpriv", "--reuid", kNobody,
                                           "--regid", kNobody,   "--clear-groups"};
  const auto become_nobody = [&](Command given) {
    given.arguments.insert(given.arguments.begin(), as_nobody.begin(), as_nobody.end());
    return given;
  };
  for (const std::string& file :
       {program("ttx-launch"), bring_up("t3000"), demo_checkpoint() + "/config.json"}) {
    if (run(become_nobody({.arguments = {"test", "-r", file}, .environment = {}, .folder = {}})).exit_code !=
        0) {
      GTEST_SKIP() << "SKIPPED: user " << kNobody << " cannot read " << file << " (or setpriv is missing)";
    }
  }
  fs::permissions(folder_.path(), fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
  for (const char* name : {"tmp", "cache"}) {
    ASSERT_EQ(chown((folder_ / name).c_str(), 65534, 65534), 0);
  }
  for (const char* system : {"n150", "n300", "t3000"}) {  // home is root's, and so read-only
    expect_done_without_a_trace(run(become_nobody(command(system, (folder_ / "home").string()))));
  }
  expect_done_without_a_trace(
      run(become_nobody(command("t3000", (folder_ / "home").string(), {"--mesh", "2x2"}))));
  Command dry = command("t3000", "/nonexistent");
  dry.arguments.insert(dry.arguments.begin() + 1, "--dry-run");
  EXPECT_THAT(run(become_nobody(dry)).out, testing::Not(HasSubstr("root")));
}

}  // namespace
}  // namespace ttx::test
