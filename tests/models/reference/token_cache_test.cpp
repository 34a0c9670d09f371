// SPDX-License-Identifier: Apache-2.0
#include "models/reference/token_cache.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/hf/checkpoint.hpp"
#include "models/reference/cached_reference.hpp"
#include "tests/models/reference/fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::reference {
namespace {

using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

ReferenceTokens sample(std::size_t targets = 3) {
  ReferenceTokens tokens;
  tokens.prompt_ids = {5, 6};
  for (std::size_t i = 0; i < targets; ++i) {
    const auto value = static_cast<float>(i);
    tokens.append(static_cast<std::int32_t>(i), {value + 0.5F, value + 10, value / 8});
  }
  return tokens;
}

void expect_equal(const ReferenceTokens& a, const ReferenceTokens& b) {
  EXPECT_EQ(a.prompt_ids, b.prompt_ids);
  EXPECT_EQ(a.target_ids, b.target_ids);
  EXPECT_EQ(a.margin, b.margin);
  EXPECT_EQ(a.top_logit, b.top_logit);
  EXPECT_EQ(a.entropy, b.entropy);
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::ptrdiff_t count_lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(TokenCacheKey, DependsOnEverythingThatChangesTheTokens) {
  const std::vector<std::int32_t> prompt{1, 2};
  const std::vector<std::int32_t> other{1, 3};
  const GreedySettings base{.max_new_tokens = 5, .eos_token_ids = {7}};
  std::set<std::string> keys{token_cache_key("f", prompt, base), token_cache_key("g", prompt, base),
                             token_cache_key("f", other, base)};
  GreedySettings changed = base;
  changed.max_new_tokens = 6;
  keys.insert(token_cache_key("f", prompt, changed));
  changed = base;
  changed.min_new_tokens = 1;
  keys.insert(token_cache_key("f", prompt, changed));
  changed = base;
  changed.eos_token_ids = {7, 8};
  keys.insert(token_cache_key("f", prompt, changed));
  changed = base;
  changed.repetition_penalty = 1.1F;
  keys.insert(token_cache_key("f", prompt, changed));
  EXPECT_EQ(keys.size(), 7U);
  EXPECT_EQ(token_cache_key("f", prompt, base), token_cache_key("f", prompt, base));
  EXPECT_EQ(keys.begin()->size(), 64U);
}

TEST(TokenCache, FindsWhatWasStored) {
  const test::TempDir folder;
  CaptureStderr();
  TokenCache cache(folder / "not" / "there" / "yet");
  EXPECT_FALSE(cache.find("key"));
  cache.store("key", sample());
  TokenCache later(folder / "not" / "there" / "yet");
  const auto found = later.find("key");
  ASSERT_TRUE(found);
  expect_equal(*found, sample());
  EXPECT_FALSE(later.find("other"));
  EXPECT_EQ(GetCapturedStderr(), "");
}

TEST(TokenCache, DamagedFilesCountAsAbsentAndAreRewritten) {
  const test::TempDir folder;
  TokenCache writer(folder.path());
  writer.store("key", sample());
  const std::filesystem::path file = writer.file_of("key");
  const std::string whole = read(file);
  std::vector<std::string> damaged{"", "alien", whole.substr(0, whole.size() - 1), whole.substr(0, 40),
                                   whole + "x"};
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 0x10);
  }
  for (const std::string& content : damaged) {
    std::ofstream(file, std::ios::binary) << content;
    CaptureStderr();
    TokenCache cache(folder.path());
    EXPECT_FALSE(cache.find("key"));
    EXPECT_FALSE(cache.find("key"));
    const std::string said = GetCapturedStderr();
    EXPECT_THAT(said, HasSubstr(file.string()));
    EXPECT_EQ(count_lines(said), 1) << said;
    cache.store("key", sample());
    EXPECT_EQ(read(file), whole);
  }
  // A whole file under another key's name is not that key's.
  std::filesystem::copy_file(file, writer.file_of("stranger"));
  CaptureStderr();
  EXPECT_FALSE(TokenCache(folder.path()).find("stranger"));
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("stranger"));
}

TEST(TokenCache, AFolderThatCannotBeWrittenOnlyDisablesIt) {
  const test::TempDir folder;
  folder.write("file", "not a folder");
  for (const std::filesystem::path& where :
       {folder / "file", std::filesystem::path("/proc/ttx-cache"), std::filesystem::path()}) {
    CaptureStderr();
    TokenCache cache(where);
    EXPECT_FALSE(cache.find("key"));
    cache.store("key", sample());
    cache.store("key", sample());
    EXPECT_FALSE(cache.find("key"));
    const std::string said = GetCapturedStderr();
    EXPECT_THAT(said, HasSubstr("TTX_CACHE"));
    EXPECT_EQ(count_lines(said), 1) << said;
  }
  EXPECT_EQ(read(folder / "file"), "not a folder");
}

TEST(TokenCache, ManyWritersAndReaders) {
  const test::TempDir folder;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      TokenCache cache(folder.path());
      for (int round = 0; round < 25; ++round) {
        cache.store("key", sample(500));
        const auto found = cache.find("key");
        EXPECT_TRUE(found && found->target_ids.size() == 500);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  // Nothing but the file is left behind.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "reference"), {}), 1);
}

TEST(CachedReference, GeneratesOnce) {
  const test::TempDir folder;
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture("qwen3-odd-b"));
  const test::LibraryResult library("qwen3-odd-b");
  const auto n = static_cast<std::int64_t>(library.targets.size());
  const GreedySettings settings{.max_new_tokens = n, .min_new_tokens = n};
  TokenCache cache(folder.path());
  int told = 0;
  const TokenProgress progress = [&](std::int64_t, std::int64_t) { ++told; };
  const ReferenceTokens first = reference_tokens(checkpoint, library.prompt, settings, cache, progress);
  EXPECT_EQ(first.target_ids, library.targets);
  EXPECT_EQ(told, n);
  const ReferenceTokens second = reference_tokens(checkpoint, library.prompt, settings, cache, progress);
  expect_equal(second, first);
  EXPECT_EQ(told, n);
}

}  // namespace
}  // namespace ttx::reference
