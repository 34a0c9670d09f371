// SPDX-License-Identifier: Apache-2.0
#include "models/hf/hub_cache.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdlib.h>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::TempDir;
using ::testing::ElementsAre;

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

/// Starts with none of the variables set, and puts them back.
class HubCache : public ::testing::Test {
 protected:
  HubCache() {
    for (const char* name :
         {"TRANSFORMERS_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "PYTORCH_PRETRAINED_BERT_CACHE", "HF_HUB_CACHE",
          "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME", "TTX_TEST_X"}) {
      const char* const value = ::getenv(name);
      before_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      ::unsetenv(name);
    }
    set("HOME", "/home/u");
  }
  ~HubCache() override {
    for (const auto& [name, value] : before_) {
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  /// A complete snapshot, as huggingface_hub lays it out: links into blobs/. Returns the repository's folder.
  static fs::path add_model(const fs::path& cache, const std::string& repo) {
    const fs::path folder = cache / repo;
    fs::create_directories(folder / "blobs");
    fs::create_directories(folder / "refs");
    fs::create_directories(folder / "snapshots" / kCommit);
    write(folder / "refs/main", kCommit);
    for (const char* name : {"config.json", "model.safetensors"}) {
      write(folder / "blobs" / (std::string("blob-") + name), "x");
      fs::create_symlink(fs::path("../../blobs") / (std::string("blob-") + name),
                         folder / "snapshots" / kCommit / name);
    }
    return folder;
  }
  static void write(const fs::path& file, const std::string& text) {
    std::ofstream out(file);
    out << text;
  }

  TempDir dir_;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(HubCache, LooksInTheDocumentedOrder) {
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/home/u/.cache/huggingface/hub"));
  set("XDG_CACHE_HOME", "/xdg");
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/xdg/huggingface/hub"));
  set("HF_HOME", "~/hf");
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/home/u/hf/hub"));
  set("HUGGINGFACE_HUB_CACHE", "/old");
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/old"));
  set("TTX_TEST_X", "disk");
  set("HF_HUB_CACHE", "/$TTX_TEST_X/${TTX_TEST_X}s/$TTX_TEST_UNSET");
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/disk/disks/$TTX_TEST_UNSET"));
  set("PYTORCH_PRETRAINED_BERT_CACHE", "/bert");
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/bert", "/disk/disks/$TTX_TEST_UNSET"));
  set("TRANSFORMERS_CACHE", "/tf");
  EXPECT_EQ(hub_cache_roots().front(), "/tf");
  set("HF_HUB_CACHE", "");
  EXPECT_THAT(hub_cache_roots(), ElementsAre("/tf", "/old"));
}

TEST_F(HubCache, ExpandsPaths) {
  set("TTX_TEST_X", "v");
  EXPECT_EQ(expand_path("~"), "/home/u");
  EXPECT_EQ(expand_path("a/~/b"), "a/~/b");
  EXPECT_EQ(expand_path("~other/b"), "~other/b");
  EXPECT_EQ(expand_path("$TTX_TEST_X-${TTX_TEST_X}x$"), "v-vx$");
  EXPECT_EQ(expand_path("${TTX_TEST_X"), "${TTX_TEST_X");
  EXPECT_EQ(expand_path("${}$$"), "${}$$");
}

TEST_F(HubCache, JudgesRepositoryIds) {
  for (const char* good : {"Qwen/Qwen3-0.6B", "gpt2", "Foo-BAR_foo.bar123", "123", "a/b"}) {
    EXPECT_EQ(repo_id_fault(good), "") << good;
  }
  for (const char* bad :
       {"", "a/b/c", "/a", "a/", ".a", "a.", "-a", "a-/b", "a--b", "a..b", "a/b.git", "a b", "ä", "a\\b"}) {
    EXPECT_NE(repo_id_fault(bad), "") << bad;
  }
  EXPECT_EQ(repo_id_fault(std::string(96, 'a')), "");
  EXPECT_NE(repo_id_fault(std::string(97, 'a')), "");
}

TEST_F(HubCache, AFolderWinsOverAnId) {
  EXPECT_EQ(resolve_model(dir_.path().string(), std::nullopt), dir_.path());
  const auto file = dir_.write("file", "x");
  expect_error(ExitCode::kCheckpoint, {"is a file"}, [&] { resolve_model(file.string(), std::nullopt); });
  expect_error(ExitCode::kCheckpoint, {"no folder '/no/such'"},
               [] { resolve_model("/no/such", std::nullopt); });
  expect_error(ExitCode::kCheckpoint, {"no folder './x'"}, [] { resolve_model("./x", std::nullopt); });
  expect_error(ExitCode::kCheckpoint, {"'a b' is neither", "'org/name'"},
               [] { resolve_model("a b", std::nullopt); });
}

TEST_F(HubCache, FindsTheSnapshotOfMain) {
  const auto repo = add_model(dir_.path(), "models--Qwen--Qwen3-0.6B");
  const auto expected = repo / "snapshots" / kCommit;
  EXPECT_EQ(resolve_model("Qwen/Qwen3-0.6B", dir_.path().string()), expected);
  set("HF_HUB_CACHE", dir_.path().string());
  EXPECT_EQ(resolve_model("Qwen/Qwen3-0.6B", std::nullopt), expected);
  // A first cache without the repository does not hide the second, an explicit one does.
  set("TRANSFORMERS_CACHE", (dir_ / "empty").string());
  EXPECT_EQ(resolve_model("Qwen/Qwen3-0.6B", std::nullopt), expected);
  expect_error(ExitCode::kCheckpoint,
               {"models--Qwen--Qwen3-0.6B", "huggingface-cli download Qwen/Qwen3-0.6B"},
               [&] { resolve_model("Qwen/Qwen3-0.6B", (dir_ / "empty").string()); });
  add_model(dir_.path(), "models--gpt2");
  write(dir_ / "models--gpt2/refs/main", std::string(kCommit) + "\n");
  EXPECT_EQ(resolve_model("gpt2", std::nullopt), dir_ / "models--gpt2/snapshots" / kCommit);
}

TEST_F(HubCache, SaysWhatIsMissing) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  const auto snapshot = repo / "snapshots" / kCommit;
  const auto fails = [&](std::initializer_list<std::string_view> pieces) {
    const std::string command = "huggingface-cli download a/b --cache-dir " + dir_.path().string();
    expect_error(ExitCode::kCheckpoint, {command}, [&] { resolve_model("a/b", dir_.path().string()); });
    expect_error(ExitCode::kCheckpoint, pieces, [&] { resolve_model("a/b", dir_.path().string()); });
  };
  fs::remove(repo / "blobs/blob-model.safetensors");
  fails({"model.safetensors is a link to ../../blobs/blob-model.safetensors, which does not exist"});
  fs::remove(snapshot / "model.safetensors");
  fails({"model.safetensors does not exist"});
  fs::create_symlink("../../blobs/gone", snapshot / "model.safetensors.index.json");
  fails({"index.json is a link to ../../blobs/gone"});
  fs::remove(snapshot / "config.json");
  fails({"config.json does not exist"});
  fs::remove_all(snapshot);
  fails({"names commit", kCommit, "there is no", "snapshots"});
  write(repo / "refs/main", "../../../etc");
  fails({"holds no commit", "'../../../etc'"});
  fs::remove(repo / "refs/main");
  fails({"not its branch main", "refs/main"});
}

}  // namespace
}  // namespace ttx::hf
