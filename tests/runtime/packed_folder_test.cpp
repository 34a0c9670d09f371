// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_folder.hpp"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <set>
#include <sys/file.h>

#include "runtime/file_descriptor.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;

class PackedFolders : public testing::Test {
 protected:
  /// A file of that many bytes, last used so many minutes ago.
  fs::path made(const std::string& name, std::size_t bytes, int minutes) const {
    const fs::path path = temporary.write("weights/" + name, std::string(bytes, 'x'));
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(minutes));
    return path;
  }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder)) {
      all.insert(entry.path().filename().string());
    }
    return all;
  }

  TempDir temporary;
  fs::path folder = temporary / "weights";
};

using Names = std::set<std::string>;

TEST_F(PackedFolders, WhatWasNotUsedForTheLongestTimeMakesRoom) {
  made("old.panels", 100, 30);
  const fs::path older = made("older.panels", 100, 40);
  made("new.panels", 100, 10);
  const PackedFolder kept(folder, 350);
  kept.make_room(50);
  EXPECT_EQ(names(), (Names{"old.panels", "older.panels", "new.panels"})) << "there is room";
  PackedFolder::mark_used(older);
  kept.make_room(60);
  EXPECT_EQ(names(), (Names{"older.panels", "new.panels"}));
  kept.make_room(350);
  EXPECT_EQ(names(), Names{});
}

TEST_F(PackedFolders, FilesInUseAndOthersStay) {
  made("other.txt", 1000, 90);
  made("held.panels", 100, 60);
  made("free.panels", 100, 30);
  const FileDescriptor holder(::open((folder / "held.panels").c_str(), O_RDONLY));
  ASSERT_EQ(::flock(holder.get(), LOCK_SH), 0);
  PackedFolder(folder, 300).make_room(200);
  EXPECT_EQ(names(), (Names{"held.panels", "other.txt"}));
  expect_error(ExitCode::kFailure, {"other jobs hold", "TTX_CACHE_GB"},
               [&] { PackedFolder(folder, 300).make_room(250); });
  EXPECT_EQ(names(), (Names{"held.panels", "other.txt"}));
}

TEST_F(PackedFolders, TemporaryFilesOfEndedJobsGo) {
  made(".a.panels.1.tmp", 100, 10);
  made(".b.panels.2.tmp", 100, 10);
  made(".c.panels.3.tmp", 100, 0);
  made(".d.tmp", 100, 10);
  const FileDescriptor holder(::open((folder / ".b.panels.2.tmp").c_str(), O_RDONLY));
  ASSERT_EQ(::flock(holder.get(), LOCK_SH), 0);
  PackedFolder(folder, 1000).make_room(1);
  EXPECT_EQ(names(), (Names{".b.panels.2.tmp", ".c.panels.3.tmp", ".d.tmp"}));
}

TEST_F(PackedFolders, WhyNothingIsKept) {
  expect_error(ExitCode::kFailure, {"TTX_CACHE"}, [] { PackedFolder({}, 100).make_room(1); });
  expect_error(ExitCode::kFailure, {"more than", "TTX_CACHE_GB"},
               [&] { PackedFolder(folder, 100).make_room(101); });
  const fs::path file = temporary.write("file", "");
  for (const fs::path& where : {file, fs::path("/proc/ttx-cache")}) {
    expect_error(ExitCode::kFailure, {"cannot be written", "TTX_CACHE"},
                 [&] { PackedFolder(where, 100).make_room(1); });
  }
  const std::uint64_t huge = std::uint64_t{1} << 60;
  expect_error(ExitCode::kFailure, {"to stay free"}, [&] { PackedFolder(folder, huge).make_room(huge); });
  EXPECT_EQ(PackedFolder(folder, 1).file_of("ab-12"), folder / "ab-12.panels");
  EXPECT_EQ(PackedFolder({}, 1).file_of("ab"), fs::path());
}

TEST(PackedFolder, TheLimitIsThatOfTheEnvironment) {
  const auto limit_of = [](const std::optional<std::string>& value) {
    value ? ::setenv("TTX_CACHE_GB", value->c_str(), 1) : ::unsetenv("TTX_CACHE_GB");
    return PackedFolder::limit_of_environment();
  };
  EXPECT_EQ(limit_of(std::nullopt), 32'000'000'000U);
  EXPECT_EQ(limit_of(""), 32'000'000'000U);
  EXPECT_EQ(limit_of("0"), 0U);
  EXPECT_EQ(limit_of("1.5"), 1'500'000'000U);
  for (const char* wrong : {"-1", "many", "3 GB", "nan", "1e300", "inf"}) {
    expect_error(ExitCode::kUsage, {"TTX_CACHE_GB", wrong}, [&] { limit_of(wrong); });
  }
  ::unsetenv("TTX_CACHE_GB");
}

}  // namespace
}  // namespace ttx::test
