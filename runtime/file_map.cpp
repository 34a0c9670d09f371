// SPDX-License-Identifier: Apache-2.0
#include "runtime/file_map.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/error.hpp"
#include "runtime/file_descriptor.hpp"

namespace ttx {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

FileMap::FileMap(std::filesystem::path path, const std::byte* data, std::size_t size)
    : path_(std::move(path)), data_(data), size_(size) {}

FileMap::~FileMap() { ::munmap(const_cast<std::byte*>(data_), size_); }

std::shared_ptr<const FileMap> FileMap::open(const std::filesystem::path& path) {
  // Without O_NONBLOCK the open of a pipe would wait for its writer.
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  TTX_CHECK_AS(file.valid(), ExitCode::kCheckpoint, "file", "cannot open {}: {}", path.string(),
               reason(errno));
  return map(file, path);
}

std::shared_ptr<const FileMap> FileMap::map(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat info {};
  TTX_CHECK_AS(::fstat(file.get(), &info) == 0, ExitCode::kCheckpoint, "file", "cannot examine {}: {}",
               path.string(), reason(errno));
  TTX_CHECK_AS(S_ISREG(info.st_mode), ExitCode::kCheckpoint, "file", "{} is {}, expected a regular file",
               path.string(), S_ISDIR(info.st_mode) ? "a folder" : "a device, pipe or socket");
  TTX_CHECK_AS(info.st_size > 0, ExitCode::kCheckpoint, "file",
               "{} is empty: got 0 bytes; fetch the file again", path.string());
  const auto size = static_cast<std::size_t>(info.st_size);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  TTX_CHECK_AS(data != MAP_FAILED, ExitCode::kCheckpoint, "file", "cannot map {} ({} bytes): {}",
               path.string(), size, reason(errno));
  return std::shared_ptr<const FileMap>(new FileMap(path, static_cast<const std::byte*>(data), size));
}

void FileMap::release(std::span<const std::byte> range) const {
  if (range.empty()) {
    return;
  }
  const std::less_equal<> not_after;
  TTX_CHECK(not_after(data_, range.data()) && not_after(range.data() + range.size(), data_ + size_), "file",
            "release: the range of {} bytes is not part of {}", range.size(), path_.string());
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto offset = static_cast<std::size_t>(range.data() - data_);
  const std::size_t begin = offset / page * page;
  // Pages at both ends may hold neighbours too; they are mapped again when these are read.
  ::madvise(const_cast<std::byte*>(data_) + begin, offset + range.size() - begin, MADV_DONTNEED);
}

}  // namespace ttx
