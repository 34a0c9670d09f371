// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_writer.hpp"

#include <csignal>
#include <sys/resource.h>
#include <thread>

#include "runtime/storage.hpp"
#include "tests/runtime/packed_files.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

std::ptrdiff_t files_in(const TempDir& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), {});
}

/// No file of this process may grow beyond `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(::rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const ::rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  ::rlimit before_{};
};

class PackedWriting : public OneDevice {
 protected:
  TempDir folder;
  std::filesystem::path path = folder / "some.panels";
  HostTensor matrix = random_matrix("w", 500, 100, 4);
  PackedIndex index = index_of("key", {{matrix, DataType::BFLOAT8_B}});
};

TEST_F(PackedWriting, SeveralWriteTogetherAndTheBytesAreThoseOfOne) {
  write_packed(device, folder / "alone.panels", "key", {{matrix, DataType::BFLOAT8_B}});
  PackedWriter maker = PackedWriter::create(path, "t", index);
  std::vector<std::thread> helpers;
  helpers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    helpers.emplace_back([&, i] {
      Device own(wormhole_profile(1), 1 + i);
      const PackedWriter helper = PackedWriter::join(path, "t", index);
      helper.pack(own, index.entries[0], matrix, {4 + 4 * i, 8 + 4 * i});
    });
  }
  maker.pack(device, index.entries[0], matrix, {0, 4});
  for (std::thread& helper : helpers) {
    helper.join();
  }
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing has the name before all of it is there";
  const auto early = maker.file();
  maker.finish();
  EXPECT_EQ(bytes_of(path), bytes_of(folder / "alone.panels"));
  EXPECT_EQ(early->size(), std::filesystem::file_size(path));
  EXPECT_NE(PackedFile::open(path, "key"), nullptr);
  EXPECT_EQ(files_in(folder), 2) << "no temporary file is left";
}

TEST(PackedParts, HaveEveryPanelOnce) {
  const auto b8 = DataType::BFLOAT8_B;
  const PackedIndex index =
      lay_out("key", {{"a", b8, 64, 40, 0, 0}, {"b", b8, 320, 512, 0, 0}, {"c", b8, 32, 1, 0, 0}});
  for (const int parts : {1, 2, 3, 8, 40, 100000}) {
    for (const PackedEntry& entry : index.entries) {
      std::int64_t seen = 0;
      for (int part = 0; part < parts; ++part) {
        const Range range = panels_of_part(entry, index.file_bytes, part, parts);
        EXPECT_EQ(range.begin, seen);
        EXPECT_LE(range.begin, range.end);
        seen = range.end;
      }
      EXPECT_EQ(seen, packed_panels(entry)) << entry.name << " in " << parts;
    }
  }
  EXPECT_GT(panels_of_part(index.entries[1], index.file_bytes, 0, 2).size(), 4) << "both take a part of it";
  EXPECT_GT(panels_of_part(index.entries[1], index.file_bytes, 1, 2).size(), 4);
}

TEST_F(PackedWriting, TwoJobsAtOnceLeaveOneWholeFile) {
  std::vector<std::thread> jobs;
  jobs.reserve(4);
  for (int job = 0; job < 4; ++job) {
    jobs.emplace_back([&, job] {
      Device own(wormhole_profile(1), 1);
      for (int round = 0; round < 5; ++round) {
        PackedWriter writer = PackedWriter::create(path, std::to_string(job), index);
        writer.pack(own, index.entries[0], matrix, {0, 16});
        writer.finish();
        EXPECT_NE(PackedFile::open(path, "key"), nullptr);
      }
    });
  }
  for (std::thread& job : jobs) {
    job.join();
  }
  EXPECT_EQ(files_in(folder), 1);
}

TEST_F(PackedWriting, WhatIsNotFinishedIsRemovedAndNeverUsed) {
  {
    const PackedWriter writer = PackedWriter::create(path, "t", index);
    writer.pack(device, index.entries[0], matrix, {0, 16});
    // Whole, but for its header.
    expect_error(ExitCode::kFailure, {"not made by this version"},
                 [&] { PackedFile::open(folder / ".some.panels.t.tmp", "key"); });
  }
  EXPECT_EQ(files_in(folder), 0);
}

TEST_F(PackedWriting, ATakenNameAndAMissingFolderAreSaid) {
  const PackedWriter writer = PackedWriter::create(path, "t", index);
  expect_error(ExitCode::kFailure, {"cannot write in", "exists"},
               [&] { PackedWriter::create(path, "t", index); });
  EXPECT_EQ(files_in(folder), 1) << "the other's file stays";
  expect_error(ExitCode::kFailure, {"cannot write in"},
               [&] { PackedWriter::create(folder / "not" / "there", "t", index); });
  expect_error(ExitCode::kFailure, {"cannot write in"}, [&] { PackedWriter::join(path, "u", index); });
}

TEST_F(PackedWriting, ALimitOfFileSizesIsAnErrorAndNoSignal) {
  const FileSizeLimit limit(20'000);
  expect_error(ExitCode::kFailure, {"no room for"}, [&] { PackedWriter::create(path, "t", index); });
  EXPECT_EQ(files_in(folder), 0);
}

TEST_F(PackedWriting, ADiskThatFillsUpWhileItIsWrittenIsAnErrorAndNoSignal) {
  const PackedWriter maker = PackedWriter::create(path, "t", index);
  const FileSizeLimit limit(20'000);
  expect_error(ExitCode::kFailure, {"cannot write", "some.panels"}, [&] {
    maker.pack(device, index.entries[0], matrix, {0, 16});
  });
  ::sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGXFSZ), 0);
}

}  // namespace
}  // namespace ttx::test
