// SPDX-License-Identifier: Apache-2.0
#include "runtime/file_map.hpp"

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/atomic_file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

using test::expect_error;
using test::TempDir;

TEST(FileMap, KeepsTheOldBytesWhenTheFileIsReplaced) {
  const TempDir dir;
  const std::string old_text(20000, 'o');
  const auto map = FileMap::open(dir.write("f", old_text));
  write_file(dir / "f", "new");
  map->release(map->bytes().subspan(4097, 9000));
  EXPECT_EQ(map->text(), old_text);
  EXPECT_EQ(FileMap::open(dir / "f")->text(), "new");
}

TEST(FileMap, RefusesWhatIsNotARegularFile) {
  const TempDir dir;
  const auto pipe = dir / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expect_error(ExitCode::kCheckpoint, {"pipe", "expected a regular file"}, [&] { FileMap::open(pipe); });
  expect_error(ExitCode::kCheckpoint, {"a folder"}, [&] { FileMap::open(dir.path()); });
}

TEST(FileMap, ReleasesOnlyItsOwnBytes) {
  const TempDir dir;
  const auto a = FileMap::open(dir.write("a", "aaaa"));
  const auto b = FileMap::open(dir.write("b", "bbbb"));
  expect_error(ExitCode::kFailure, {"not part of", "/a"}, [&] { a->release(b->bytes()); });
  a->release({});
}

TEST(AtomicFile, AppearsOnlyAtTheEnd) {
  const TempDir dir;
  {
    AtomicFile file(dir / "f");
    file.write("half");
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
  AtomicFile file(dir / "f");
  file.write("whole");
  EXPECT_FALSE(std::filesystem::exists(dir / "f"));
  file.commit();
  EXPECT_EQ(FileMap::open(dir / "f")->text(), "whole");
  EXPECT_EQ(file.written(), 5U);
  expect_error(ExitCode::kFailure, {"already committed"}, [&] { file.commit(); });
}

TEST(AtomicFile, FollowsLinks) {
  const TempDir dir;
  dir.write("data/old", "old");
  std::filesystem::create_symlink("data/old", dir / "first");
  std::filesystem::create_symlink(dir / "first", dir / "second");
  write_file(dir / "second", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "second"));
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "first"));
  EXPECT_FALSE(std::filesystem::is_symlink(dir / "data/old"));
  EXPECT_EQ(FileMap::open(dir / "data/old")->text(), "new");

  std::filesystem::create_symlink("data/made", dir / "nowhere");
  write_file(dir / "nowhere", "made");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "nowhere"));
  EXPECT_EQ(FileMap::open(dir / "data/made")->text(), "made");

  std::filesystem::create_symlink("absent/f", dir / "far");
  expect_error(ExitCode::kFailure, {"cannot write in", "absent"}, [&] { AtomicFile(dir / "far"); });
  std::filesystem::create_symlink("round", dir / "round");
  expect_error(ExitCode::kFailure, {"round", "40 links"}, [&] { AtomicFile(dir / "round"); });
}

TEST(AtomicFile, RefusesWhatIsNotARegularFile) {
  const TempDir dir;
  const auto pipe = dir / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", dir / "to-pipe");
  expect_error(ExitCode::kFailure, {"[file] ", "pipe is a pipe, expected a regular file"},
               [&] { AtomicFile{pipe}; });
  expect_error(ExitCode::kFailure, {"to-pipe is a pipe"}, [&] { AtomicFile(dir / "to-pipe"); });
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  expect_error(ExitCode::kFailure, {"is a folder"}, [&] { AtomicFile(dir.path()); });
  // Opening /dev/null by this name is harmless even for root: a commit never comes.
  expect_error(ExitCode::kFailure, {"/dev/null is a device"}, [] { AtomicFile("/dev/null"); });

  const auto file = dir.write("open", "x");
  const int fd = ::open(file.c_str(), O_RDONLY);
  ASSERT_GE(fd, 0);
  expect_error(ExitCode::kFailure, {"stands for an open file"},
               [&] { AtomicFile("/dev/fd/" + std::to_string(fd)); });
  ::close(fd);
  EXPECT_EQ(FileMap::open(file)->text(), "x");
}

}  // namespace
}  // namespace ttx
