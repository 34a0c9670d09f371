// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_folder.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>
#include <vector>

#include "runtime/cache_folder.hpp"
#include "runtime/error.hpp"
#include "runtime/file_descriptor.hpp"

namespace ttx {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOp = "packed";
constexpr const char* kVariable = "TTX_CACHE_GB";
constexpr double kDefaultGigabytes = 32;
constexpr std::string_view kSuffix = ".panels";
/// What stays free on the disk beside a new file.
constexpr std::uint64_t kSpare = std::uint64_t{1} << 30;
/// A temporary file is under lock as soon as it is there, but for a moment.
constexpr std::chrono::minutes kBeginning{1};

struct Kept {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t bytes = 0;
  bool temporary = false;
};

std::vector<Kept> kept_in(const fs::path& folder) {
  std::vector<Kept> all;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool temporary =
        name.starts_with('.') && name.ends_with(".tmp") && name.find(kSuffix) != std::string::npos;
    std::error_code gone;
    if (!at->is_regular_file(gone) || (!temporary && !name.ends_with(kSuffix))) {
      continue;
    }
    const Kept kept{at->path(), at->last_write_time(gone), at->file_size(gone), temporary};
    if (!gone) {
      all.push_back(kept);
    }
  }
  return all;
}

/// False when a process holds it.
bool remove_unheld(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return false;
  }
  std::error_code error;
  return fs::remove(path, error) && !error;
}

double gigabytes(std::uint64_t bytes) { return static_cast<double>(bytes) * 1e-9; }

}  // namespace

std::uint64_t PackedFolder::limit_of_environment() {
  double value = kDefaultGigabytes;
  if (const char* const text = std::getenv(kVariable); text != nullptr && *text != '\0') {
    const std::string_view given(text);
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
    TTX_CHECK_AS(error == std::errc{} && end == given.data() + given.size() && value >= 0 && value < 1e9,
                 ExitCode::kUsage, "environment",
                 "{}: got \"{}\", expected a number of gigabytes, 0 for none", kVariable, given);
  }
  return static_cast<std::uint64_t>(value * 1e9);
}

PackedFolder::PackedFolder(fs::path folder, std::uint64_t limit)
    : folder_(std::move(folder)), limit_(limit) {}

fs::path PackedFolder::file_of(const std::string& name) const {
  return folder_.empty() ? folder_ : folder_ / (name + std::string(kSuffix));
}

void PackedFolder::make_room(std::uint64_t bytes) const {
  TTX_CHECK(!folder_.empty(), kOp, "no cache folder is known; set TTX_CACHE");
  TTX_CHECK(bytes <= limit_, kOp, "{:.1f} GB are more than the {:.1f} GB of {}", gigabytes(bytes),
            gigabytes(limit_), kVariable);
  TTX_CHECK(make_writable_folder(folder_), kOp, "{} cannot be written; set TTX_CACHE", folder_.string());
  std::vector<Kept> all = kept_in(folder_);
  std::ranges::sort(all, {}, &Kept::used);
  const auto begun = fs::file_time_type::clock::now() - kBeginning;
  std::uint64_t held = 0;
  for (Kept& kept : all) {
    if (kept.temporary && kept.used < begun && remove_unheld(kept.path)) {
      kept.bytes = 0;
    }
    held += kept.bytes;
  }
  for (const Kept& kept : all) {
    if (held <= limit_ - bytes) {
      break;
    }
    if (!kept.temporary && remove_unheld(kept.path)) {
      held -= kept.bytes;
    }
  }
  TTX_CHECK(held <= limit_ - bytes, kOp,
            "other jobs hold {:.1f} GB in {}, which with {:.1f} GB more are beyond the {:.1f} GB of {}",
            gigabytes(held), folder_.string(), gigabytes(bytes), gigabytes(limit_), kVariable);
  std::error_code error;
  const fs::space_info space = fs::space(folder_, error);
  TTX_CHECK(error || space.available >= bytes + kSpare, kOp,
            "{} has {:.1f} GB left, of which {:.1f} GB are wanted and {:.1f} GB are to stay free",
            folder_.string(), gigabytes(space.available), gigabytes(bytes), gigabytes(kSpare));
}

void PackedFolder::mark_used(const fs::path& file) { ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0); }

}  // namespace ttx
