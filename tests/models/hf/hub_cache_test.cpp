// SPDX-License-Identifier: Apache-2.0
#include "models/hf/hub_cache.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "models/hf/repo_id.hpp"
#include "tests/models/hf/hub_environment.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

namespace fs = std::filesystem;
using test::HubEnvironment;
using ttx::test::expect_error;
using ttx::test::TempDir;

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

class HubCache : public ::testing::Test {
 protected:
  HubCache() { environment_.set("HOME", "/home/u"); }
  void set(const char* name, const std::string& value) { environment_.set(name, value); }

  /// A complete snapshot, as huggingface_hub lays it out: links into blobs/. Returns the repository's folder.
  static fs::path add_model(const fs::path& cache, const std::string& repo) {
    fs::path folder = cache / repo;
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
  HubEnvironment environment_;
};

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
  expect_error(ExitCode::kCheckpoint, {"models--Qwen--Qwen3-0.6B", "hf download Qwen/Qwen3-0.6B"},
               [&] { resolve_model("Qwen/Qwen3-0.6B", (dir_ / "empty").string()); });
  add_model(dir_.path(), "models--gpt2");
  write(dir_ / "models--gpt2/refs/main", std::string(kCommit) + "\n");
  EXPECT_EQ(resolve_model("gpt2", std::nullopt), dir_ / "models--gpt2/snapshots" / kCommit);
}

TEST_F(HubCache, SaysWhatIsMissing) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  const auto snapshot = repo / "snapshots" / kCommit;
  const auto fails = [&](std::initializer_list<std::string_view> pieces) {
    const std::string command = "hf download a/b --cache-dir " + dir_.path().string();
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

TEST_F(HubCache, NamesTheSnapshotsWhenTheBranchIsMissing) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  fs::rename(repo / "refs/main", repo / "refs/v1");
  const auto fails = [&](std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kCheckpoint, pieces, [&] { resolve_model("a/b", dir_.path().string()); });
  };
  fails({"not its branch main", "to use the snapshot that is there, give its folder in " +
                                    (repo / "snapshots").string() + " instead of the id: " + kCommit});
  EXPECT_EQ(resolve_model(repo / "snapshots" / kCommit, std::nullopt), repo / "snapshots" / kCommit);
  for (const char* other : {"1", "2", "3", "4", "5"}) {
    fs::create_directory(repo / "snapshots" / other);
  }
  fails({"one of the snapshots that are there", std::string(kCommit) + ", 1, 2, 3 and 2 more"});
  fs::remove_all(repo / "snapshots");
  fails({"not its branch main: no "});
}

TEST_F(HubCache, TellsDownloadsThatAreNotFinished) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  const auto snapshot = repo / "snapshots" / kCommit;
  write(repo / "blobs/abc.incomplete", "x");
  EXPECT_EQ(resolve_model("a/b", dir_.path().string()), snapshot);  // of another file
  fs::remove(snapshot / "model.safetensors");
  const auto fails = [&](std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kCheckpoint, pieces, [&] { resolve_model("a/b", dir_.path().string()); });
  };
  fails({"model.safetensors does not exist: a download was not finished, see", "blobs/abc.incomplete",
         "hf download a/b"});
  fs::create_symlink("../../blobs/gone", snapshot / "model.safetensors");
  fails({"is a link to ../../blobs/gone, which does not exist: a download was not finished, see"});
}

TEST_F(HubCache, KnowsFilesThatTheRepositoryHasNot) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  dir_.write("models--a--b/.no_exist/" + std::string(kCommit) + "/model.safetensors", "");
  EXPECT_EQ(resolve_model("a/b", dir_.path().string()), repo / "snapshots" / kCommit);  // an old marker
  fs::remove(repo / "snapshots" / kCommit / "model.safetensors");
  expect_error(
      ExitCode::kCheckpoint,
      {"model.safetensors does not exist: the repository has none, as", ".no_exist", "choose another model"},
      [&] { resolve_model("a/b", dir_.path().string()); });
  // Weights of the older format are told by who reads weights.
  write(repo / "snapshots" / kCommit / "pytorch_model.bin", "x");
  EXPECT_EQ(resolve_model("a/b", dir_.path().string()), repo / "snapshots" / kCommit);
}

TEST_F(HubCache, NamesWhatIsNearlyMeant) {
  const auto fails = [&](const std::string& id, const fs::path& root,
                         std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kCheckpoint, pieces, [&] { resolve_model(id, root.string()); });
  };
  add_model(dir_ / "hub", "models--Qwen--Qwen3-0.6B");
  fails("Qwen/Qwen3-0.6B", dir_.path(),
        {"no " + (dir_ / "models--Qwen--Qwen3-0.6B").string(),
         (dir_ / "hub").string() + " has it: the cache is the folder hub below"});
  fails("qwen/qwen3-0.6b", dir_ / "hub",
        {"no " + (dir_ / "hub/models--qwen--qwen3-0.6b").string(),
         (dir_ / "hub/models--Qwen--Qwen3-0.6B").string() + " is there: capital letters count"});
  EXPECT_EQ(resolve_model("Qwen/Qwen3-0.6B", (dir_ / "hub").string()).filename(), kCommit);
}

TEST_F(HubCache, AFolderOfTheCurrentOneWinsOverTheCache) {
  add_model(dir_ / "cache", "models--a--b");
  fs::create_directories(dir_ / "work/a/b");
  const auto before = fs::current_path();
  fs::current_path(dir_ / "work");
  const auto resolve = [&] { return resolve_model("a/b", (dir_ / "cache").string()); };
  expect_error(ExitCode::kCheckpoint,
               {"'a/b' is a folder here, which wins over the repository of that name", "no config.json in",
                (dir_ / "work/a/b").string(), "start in another folder"},
               resolve);
  dir_.write("work/a/b/config.json", "{}");
  EXPECT_EQ(resolve(), "a/b");
  fs::remove_all(dir_ / "work/a");
  EXPECT_EQ(resolve(), dir_ / "cache/models--a--b/snapshots" / kCommit);
  // A cache relative to the current folder, also the empty name that a variable set to nothing gives.
  fs::current_path(dir_ / "cache");
  EXPECT_EQ(resolve_model("a/b", "../cache"), resolve_model("a/b", (dir_ / "cache").string()));
  set("HF_HUB_CACHE", "");
  EXPECT_EQ(resolve_model("a/b", std::nullopt).filename(), kCommit);
  fs::current_path(before);
}

TEST_F(HubCache, SaysThatTheToolsAreOffline) {
  const auto fails = [&](std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kCheckpoint, pieces, [&] { resolve_model("a/b", dir_.path().string()); });
  };
  const std::string command = "hf download a/b --cache-dir " + dir_.path().string();
  fails({"ttx does not download, run: " + command});
  set("HF_HUB_OFFLINE", "Yes");
  fails(
      {"ttx does not download, and HF_HUB_OFFLINE keeps the Hugging Face tools offline, run: env -u "
       "HF_HUB_OFFLINE " +
       command});
  set("TRANSFORMERS_OFFLINE", "1");
  fails({"HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE keep the",
         "env -u HF_HUB_OFFLINE -u TRANSFORMERS_OFFLINE hf"});
  set("HF_HUB_OFFLINE", "0");
  fails({"ttx does not download, run: " + command});
}

TEST_F(HubCache, TellsLinksInACircle) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  const auto fails = [&](std::string_view place) {
    expect_error(ExitCode::kCheckpoint,
                 {place, "cannot be reached", "a link leads back to itself; remove it"},
                 [&] { resolve_model("a/b", dir_.path().string()); });
  };
  const auto to_itself = [](const fs::path& path) {
    fs::remove_all(path);
    fs::create_symlink(path.filename(), path);
  };
  to_itself(repo / "snapshots" / kCommit / "config.json");
  fails("config.json");
  to_itself(repo / "snapshots" / kCommit);
  fails(kCommit);
  to_itself(repo / "refs/main");
  fails("refs/main");
  to_itself(repo);
  fails("models--a--b");
}

TEST_F(HubCache, TellsFoldersThatMayNotBeRead) {
  const auto repo = add_model(dir_.path(), "models--a--b");
  const test::AsOrdinaryUser user(dir_.path());
  if (!user) {
    GTEST_SKIP() << "this process cannot become an ordinary user";
  }
  const auto fails = [&](const fs::path& closed, std::string_view place) {
    fs::permissions(closed, fs::perms::none);
    expect_error(ExitCode::kCheckpoint, {place, "Permission denied"},
                 [&] { resolve_model("a/b", dir_.path().string()); });
    fs::permissions(closed, fs::perms::owner_all);
  };
  fails(repo / "snapshots" / kCommit, "config.json cannot be reached");
  fails(repo / "snapshots", std::string(kCommit) + " cannot be reached");
  fails(repo / "refs", "refs/main cannot be reached");
  fails(repo / "refs/main", "cannot open");
  fails(repo, "cannot be reached");
  fails(dir_.path(), "models--a--b cannot be reached");
  EXPECT_EQ(resolve_model("a/b", dir_.path().string()).filename(), kCommit);
}

}  // namespace
}  // namespace ttx::hf
