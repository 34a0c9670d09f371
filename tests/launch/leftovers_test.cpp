// SPDX-License-Identifier: Apache-2.0
#include "launch/leftovers.hpp"

#include <chrono>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string kKey(64, 'a');
constexpr const char* kNoProcess = "999999999";  // beyond the kernel's largest

class LeftoversTest : public testing::Test {
 protected:
  LeftoversTest() {
    places_.temporary = {folder_.path() / "tmp"};
    places_.shared_memory = folder_.path() / "shm";
    places_.cache = folder_.path() / "cache";
    places_.host = "vm.example.org";
    places_.user = ::geteuid();
  }
  fs::path session(const std::string& name) {
    return folder_.write("tmp/ompi.vm." + std::to_string(places_.user) + "/" + name + "/0/contact.txt", "x")
        .parent_path()
        .parent_path();
  }
  fs::path segment(const std::string& name) { return folder_.write("shm/" + name, "segment"); }
  std::string own_segment() const { return "vader_segment.vm." + std::to_string(places_.user) + ".4a0001.0"; }

  test::TempDir folder_;
  LeftoverPlaces places_;
};

std::vector<fs::path> paths(const std::vector<Leftovers::Kept>& kept) {
  std::vector<fs::path> result;
  for (const auto& one : kept) {
    result.push_back(one.path);
  }
  return result;
}

TEST_F(LeftoversTest, OfCrashedRunsAreRemoved) {
  const fs::path job = session(std::string("pid.") + kNoProcess);
  const fs::path daemon = session("jf.12345");
  const fs::path vader = segment(own_segment());
  const fs::path window = segment("osc_sm.vm.4a0001.3.0");
  const fs::path tokens = folder_.write("cache/reference/" + kKey + ".tokens", "x");
  const fs::path half = folder_.write("cache/reference/." + kKey + ".tokens." + kNoProcess + "-0.tmp", "x");
  const fs::path packed = folder_.write("cache/weights/" + kKey + "-0123456789abcdef.panels", "x");
  const fs::path half_packed =
      folder_.write("cache/weights/." + kKey + "-0123456789abcdef.panels.0123456789abcdef.tmp", "x");
  const Leftovers result = remove_leftovers(places_);
  EXPECT_THAT(result.removed,
              UnorderedElementsAre(job, daemon, vader, window, tokens, half, packed, half_packed));
  EXPECT_THAT(paths(result.kept), IsEmpty());
  for (const fs::path& path : result.removed) {
    EXPECT_FALSE(fs::exists(path)) << path;
  }
  EXPECT_FALSE(fs::exists(job.parent_path()));
  EXPECT_THAT(remove_leftovers(places_).removed, IsEmpty());
}

TEST_F(LeftoversTest, OtherNamesStay) {
  const std::vector<fs::path> others = {
      folder_.write("tmp/ompi.other." + std::to_string(places_.user) + "/pid." + kNoProcess + "/x", ""),
      folder_.write("tmp/ompi.vm.4000000/pid." + std::string(kNoProcess) + "/x", ""),
      session("notes"),
      segment("vader_segment.other." + std::to_string(places_.user) + ".4a0001.0"),
      segment("vader_segment.vmx." + std::to_string(places_.user) + ".4a0001.0"),
      segment("vader_segment.vm.4000000.4a0001.0"),
      segment("somebody"),
      folder_.write("cache/" + kKey + ".tokens", ""),
      folder_.write("cache/reference/notes.tokens", ""),
      folder_.write("cache/reference/" + kKey + ".tokens.bak", ""),
      folder_.write("cache/weights/notes.panels", ""),
      folder_.write("cache/weights/" + kKey + "-0123456789abcdef.panels.bak", ""),
      folder_.write("cache/models/config.json", "")};
  EXPECT_THAT(remove_leftovers(places_).removed, IsEmpty());
  for (const fs::path& path : others) {
    EXPECT_TRUE(fs::exists(path)) << path;
  }
}

TEST_F(LeftoversTest, LinksAreNotFollowed) {
  const fs::path precious = folder_.write("precious/file", "x");
  fs::create_directories(places_.shared_memory);
  fs::create_symlink(precious, places_.shared_memory / own_segment());
  const fs::path parent = session("pid.1").parent_path();
  fs::remove_all(parent / "pid.1");
  fs::create_directory_symlink(precious.parent_path(), parent / ("pid." + std::string(kNoProcess)));
  EXPECT_THAT(remove_leftovers(places_).removed, IsEmpty());
  EXPECT_TRUE(fs::exists(precious));
}

TEST_F(LeftoversTest, OfAnotherUserStay) {
  session(std::string("pid.") + kNoProcess);
  segment("osc_sm.vm.4a0001.3.0");
  ++places_.user;
  EXPECT_THAT(remove_leftovers(places_).removed, IsEmpty());
}

TEST_F(LeftoversTest, WhatIsOpenOrMappedStays) {
  const fs::path open_one = segment(own_segment());
  const fs::path mapped_one = segment("osc_sm.vm.4a0001.3.0");
  const fs::path job = session(std::string("pid.") + kNoProcess);
  const fs::path stale = segment("osc_sm.vm.4b0001.3.0");

  const int fd = ::open(open_one.c_str(), O_RDWR);
  const int mapped_fd = ::open(mapped_one.c_str(), O_RDWR);
  void* const mapping = ::mmap(nullptr, 4, PROT_READ, MAP_SHARED, mapped_fd, 0);
  ::close(mapped_fd);
  const int in_job = ::open((job / "0" / "contact.txt").c_str(), O_RDONLY);
  ASSERT_TRUE(fd >= 0 && mapping != MAP_FAILED && in_job >= 0);

  const Leftovers during = remove_leftovers(places_);
  EXPECT_THAT(during.removed, UnorderedElementsAre(stale));
  EXPECT_THAT(paths(during.kept), UnorderedElementsAre(open_one, mapped_one, job));
  EXPECT_THAT(during.kept.front().why, testing::HasSubstr("process " + std::to_string(::getpid())));

  ::close(fd);
  ::close(in_job);
  ::munmap(mapping, 4);
  EXPECT_THAT(remove_leftovers(places_).removed, UnorderedElementsAre(open_one, mapped_one, job));
}

TEST_F(LeftoversTest, OfAProcessThatHasJustBegunStay) {
  const fs::path job = session("pid." + std::to_string(::getpid()));
  EXPECT_THAT(paths(remove_leftovers(places_).kept), UnorderedElementsAre(job));
  // A process of that number which holds nothing there after so long is another one.
  fs::last_write_time(job, fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_THAT(remove_leftovers(places_).removed, UnorderedElementsAre(job));
}

TEST_F(LeftoversTest, NoPlacesAreNoError) {
  places_.cache.clear();
  const Leftovers result = remove_leftovers(places_);
  EXPECT_THAT(result.removed, IsEmpty());
  EXPECT_THAT(paths(result.failed), IsEmpty());
}

}  // namespace
}  // namespace ttx::launch
