// SPDX-License-Identifier: Apache-2.0
#include "launch/staged_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPrefix = ".ttx-synth-";
constexpr const char* kLast = "config.json";

bool is_weight_file(const std::string& name) {
  return name == "model.safetensors" || name == "model.safetensors.index.json" ||
         (name.starts_with("model-") && name.ends_with(".safetensors"));
}

/// The hidden folder of a run that was killed outright: nobody writes in it any more.
bool is_abandoned(const std::string& name) {
  if (!name.starts_with(kPrefix)) {
    return false;
  }
  const std::string id = name.substr(std::string_view(kPrefix).size());
  pid_t process = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), process);
  return error == std::errc{} && end == id.data() + id.size() && process > 0 && ::kill(process, 0) != 0 &&
         errno == ESRCH;
}

/// What a finished run replaces.
bool is_old(const std::string& name) { return is_weight_file(name) || is_abandoned(name); }

/// `folder` and the folders around it that do not exist, the outermost first.
std::vector<fs::path> missing(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (fs::path at = folder; !at.empty() && !fs::exists(at, ignored); at = at.parent_path()) {
    folders.insert(folders.begin(), at);
  }
  return folders;
}

void check_space(const fs::path& folder, std::uint64_t bytes) {
  std::error_code error;
  const auto space = fs::space(folder, error);
  TTX_CHECK(error || space.available >= bytes, "synth",
            "--output: the disk of {} has {} bytes free, expected at least {}", folder.string(),
            space.available, bytes);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(folder)) {
    files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool holds_nothing(const fs::path& folder) {
  std::error_code error;
  const fs::directory_iterator files(folder, error);
  return !error && std::all_of(begin(files), end(files), [](const fs::directory_entry& file) {
    return is_abandoned(file.path().filename().string());
  });
}

}  // namespace

StagedFolder::StagedFolder(fs::path target, Overwrite overwrite, std::uint64_t bytes)
    : target_(std::move(target)) {
  target_ = target_.has_filename() ? target_ : target_.parent_path();
  std::error_code error;
  TTX_CHECK(!fs::exists(target_, error) || fs::is_directory(target_, error), "synth",
            "--output: {} is not a folder", target_.string());
  const auto absent = missing(target_);
  if (absent.empty()) {
    TTX_CHECK(overwrite == Overwrite::kYes || holds_nothing(target_), "synth",
              "--output: {} is not empty; choose another folder or pass --overwrite", target_.string());
    check_space(target_, bytes);
  } else {
    const fs::path around = absent.front().parent_path();
    check_space(around.empty() ? fs::path(".") : around, bytes);
  }
  fs::create_directories(target_, error);
  TTX_CHECK(fs::is_directory(target_), "synth", "--output: cannot make {}: {}", target_.string(),
            error.message());
  made_ = absent;
  staging_ = target_ / (kPrefix + std::to_string(::getpid()));
  fs::remove_all(staging_, error);
  fs::create_directory(staging_, error);
  TTX_CHECK(fs::is_directory(staging_), "synth", "--output: cannot write in {}: {}", target_.string(),
            error.message());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  for (auto folder = made_.rbegin(); !published_ && folder != made_.rend(); ++folder) {
    fs::remove(*folder, ignored);
  }
}

void StagedFolder::publish() try {
  fs::remove(target_ / kLast);
  for (const auto& file : files_in(target_)) {
    if (is_old(file.filename().string()) && file != staging_) {
      fs::remove_all(file);
    }
  }
  for (const auto& file : files_in(staging_)) {
    if (file.filename() != kLast) {
      fs::rename(file, target_ / file.filename());
    }
  }
  fs::rename(staging_ / kLast, target_ / kLast);
  published_ = true;
} catch (const fs::filesystem_error& error) {
  TTX_FAIL("synth", "--output: cannot finish {}: {}", target_.string(), error.what());
}

}  // namespace ttx::launch
