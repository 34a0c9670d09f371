// SPDX-License-Identifier: Apache-2.0
#include "runtime/file_map.hpp"

#include <string>
#include <sys/stat.h>

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

}  // namespace
}  // namespace ttx
