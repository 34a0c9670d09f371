// SPDX-License-Identifier: Apache-2.0
#include "runtime/direct_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;

int open_direct(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), kFlags | O_DIRECT, 0666);
  return fd < 0 && errno == EINVAL ? ::open(path.c_str(), kFlags, 0666) : fd;
}

/// Some file systems take the flag and then refuse the writes: goes on through the page cache.
bool give_up_direct(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) != 0 && ::fcntl(fd, F_SETFL, flags & ~O_DIRECT) == 0;
}

}  // namespace

DirectFile::DirectFile(std::filesystem::path path, std::uint64_t size)
    : path_(std::move(path)), size_(size), fd_(open_direct(path_)) {
  check_call(fd_ >= 0, "write");
  if (size_ > 0) {
    const bool reserved = ::fallocate(fd_, 0, 0, static_cast<::off_t>(size_)) == 0;
    const int error = errno;
    if (!reserved && (error == ENOSPC || error == EFBIG || error == EDQUOT)) {
      ::close(std::exchange(fd_, -1));
      errno = error;
      check_call(false, "write");
    }
  }
}

DirectFile::~DirectFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void DirectFile::check_call(bool good, const char* what) const {
  if (!good) {
    const int error = errno;
    TTX_FAIL("file", "cannot {} {}: {}", what, path_.string(), std::generic_category().message(error));
  }
}

void DirectFile::write_at(std::uint64_t offset, std::span<const std::byte> block) {
  const bool aligned = offset % kAlignment == 0 && block.size() % kAlignment == 0 &&
                       reinterpret_cast<std::uintptr_t>(block.data()) % kAlignment == 0;
  TTX_CHECK(aligned, "file", "write {}: got a block of {} bytes at offset {}, expected multiples of {}",
            path_.string(), block.size(), offset, kAlignment);
  while (!block.empty()) {
    const ::ssize_t count = ::pwrite(fd_, block.data(), block.size(), static_cast<::off_t>(offset));
    if (count < 0 && (errno == EINTR || (errno == EINVAL && give_up_direct(fd_)))) {
      continue;
    }
    check_call(count >= 0, "write");
    // A short write that ends off the grid would be refused from there: its last part is written again.
    const auto whole = static_cast<std::size_t>(count) / kAlignment * kAlignment;
    TTX_CHECK(whole > 0, "file", "cannot write {}: the disk takes no more", path_.string());
    offset += whole;
    block = block.subspan(whole);
  }
}

void DirectFile::finish() {
  check_call(::ftruncate(fd_, static_cast<::off_t>(size_)) == 0, "finish");
  check_call(::fsync(fd_) == 0, "finish");
  check_call(::close(std::exchange(fd_, -1)) == 0, "finish");
}

}  // namespace ttx
