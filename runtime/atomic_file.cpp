// SPDX-License-Identifier: Apache-2.0
#include "runtime/atomic_file.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <string_view>
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

std::string_view kind_of(std::filesystem::file_type type) {
  switch (type) {
    case std::filesystem::file_type::directory:
      return "a folder";
    case std::filesystem::file_type::fifo:
      return "a pipe";
    case std::filesystem::file_type::socket:
      return "a socket";
    case std::filesystem::file_type::block:
    case std::filesystem::file_type::character:
      return "a device";
    default:
      return "a special file";
  }
}

/// A rename would put a file in the place of a device or a pipe.
void check_replaceable(const std::filesystem::path& target) {
  std::error_code error;
  const auto status = std::filesystem::status(target, error);
  if (std::filesystem::exists(status)) {
    TTX_CHECK(std::filesystem::is_regular_file(status), "file", "{} is {}, expected a regular file",
              target.string(), kind_of(status.type()));
  }
}

/// Where the links end, be there a file or not: a rename to the link itself would replace the link.
std::filesystem::path behind_links(const std::filesystem::path& target) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::filesystem::path file = target;
  std::error_code ignored;
  for (int links = 0; std::filesystem::is_symlink(std::filesystem::symlink_status(file, ignored)); ++links) {
    TTX_CHECK(links < kMostLinks, "file", "cannot write {}: got more than {} links in a row", target.string(),
              kMostLinks);
    // These lead to files that are open already; /dev/stdout is one. Another file in their place would miss
    // who reads them.
    TTX_CHECK(!std::filesystem::weakly_canonical(folder_of(file), ignored).string().starts_with("/proc/"),
              "file", "cannot write {}: it stands for an open file, expected the name of a regular file",
              target.string());
    const auto next = std::filesystem::read_symlink(file, ignored);
    TTX_CHECK(!next.empty(), "file", "cannot write {}: the link {} cannot be read", target.string(),
              file.string());
    file = folder_of(file) / next;
  }
  return file;
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
  check_replaceable(target_);
  target_ = behind_links(target_);
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
