// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache_folder.hpp"

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

class CacheFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* const name : {"TTX_CACHE", "TT_METAL_CACHE", "XDG_CACHE_HOME", "HOME"}) {
      const char* const value = std::getenv(name);
      before_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(CacheFolder, TheFirstOneThatIsSet) {
  EXPECT_EQ(cache_folder(), "");
  set("HOME", "/home/someone");
  EXPECT_EQ(cache_folder(), "/home/someone/.cache/ttx");
  set("XDG_CACHE_HOME", "relative");
  EXPECT_EQ(cache_folder(), "/home/someone/.cache/ttx");
  set("XDG_CACHE_HOME", "/xdg");
  EXPECT_EQ(cache_folder(), "/xdg/ttx");
  set("TT_METAL_CACHE", "/metal");
  EXPECT_EQ(cache_folder(), "/metal");
  set("TTX_CACHE", "here");
  EXPECT_EQ(cache_folder(), "here");
  set("TTX_CACHE", "");
  EXPECT_EQ(cache_folder(), "/metal");
}

TEST_F(CacheFolder, MakeWritable) {
  const test::TempDir folder;
  EXPECT_TRUE(make_writable_folder(folder / "a" / "b"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a" / "b"));
  EXPECT_TRUE(make_writable_folder(folder / "a" / "b"));
  folder.write("file", "x");
  EXPECT_FALSE(make_writable_folder(folder / "file"));
  EXPECT_FALSE(make_writable_folder(folder / "file" / "below"));
  EXPECT_FALSE(make_writable_folder(""));
}

}  // namespace
}  // namespace ttx
