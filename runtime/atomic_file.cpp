// SPDX-License-Identifier: Apache-2.0
#include "runtime/atomic_file.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/error.hpp"

namespace ttx {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::filesystem::path temporary_name(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  return folder_of(target) /
         fmt::format(".{}.{}-{}.tmp", target.filename().string(), ::getpid(), counter.fetch_add(1));
}

/// Makes the rename itself durable. Some network file systems cannot sync a folder; the file is complete
/// there all the same.
void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  TTX_CHECK(target_.has_filename(), "file", "cannot write '{}': it names no file", target_.string());
  std::error_code ignored;
  TTX_CHECK(!std::filesystem::is_directory(target_, ignored), "file", "cannot write {}: it is a folder",
            target_.string());
  temporary_ = temporary_name(target_);
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  TTX_CHECK(fd_ >= 0, "file", "cannot write in {}: {}", folder_of(target_).string(), reason(errno));
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) {
    ::close(fd_);
    ::unlink(temporary_.c_str());
  }
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  TTX_CHECK(fd_ >= 0, "file", "{} is already committed", target_.string());
  constexpr std::size_t kMostPerCall = std::size_t{1} << 30;  // Linux writes less than 2 GiB per call
  while (!bytes.empty()) {
    const ::ssize_t n = ::write(fd_, bytes.data(), std::min(bytes.size(), kMostPerCall));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    TTX_CHECK(n > 0, "file", "cannot write {} after {} bytes: {}", target_.string(), written_, reason(errno));
    written_ += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void AtomicFile::commit() {
  TTX_CHECK(fd_ >= 0, "file", "{} is already committed", target_.string());
  TTX_CHECK(::fsync(fd_) == 0, "file", "cannot finish {}: {}", target_.string(), reason(errno));
  TTX_CHECK(std::rename(temporary_.c_str(), target_.c_str()) == 0, "file", "cannot rename {} to {}: {}",
            temporary_.string(), target_.string(), reason(errno));
  ::close(std::exchange(fd_, -1));
  sync_folder(folder_of(target_));
}

void write_file(const std::filesystem::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

}  // namespace ttx
