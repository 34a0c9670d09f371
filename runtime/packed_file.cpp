// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "packed";

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

PackedFile::PackedFile(FileDescriptor file, std::shared_ptr<const FileMap> map, PackedIndex index)
    : file_(std::move(file)), map_(std::move(map)), index_(std::move(index)) {
  for (std::size_t i = 0; i < index_.entries.size(); ++i) {
    places_.emplace(std::pair(index_.entries[i].name, index_.entries[i].dtype), i);
  }
}

std::shared_ptr<const PackedFile> PackedFile::open(const std::filesystem::path& path,
                                                   const std::string& key) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid() && errno == ENOENT) {
    return nullptr;
  }
  TTX_CHECK(file.valid(), kOp, "cannot open it: {}", reason(errno));
  // Where a file system has no locks the file is used without: renaming and removing are safe anyway.
  ::flock(file.get(), LOCK_SH | LOCK_NB);
  auto map = FileMap::map(file, path);
  PackedIndex index = read_packed_index(map->bytes(), key);
  return std::shared_ptr<const PackedFile>(new PackedFile(std::move(file), std::move(map), std::move(index)));
}

std::shared_ptr<const PackedFile> PackedFile::written(FileDescriptor file, const std::filesystem::path& path,
                                                      PackedIndex index) {
  auto map = FileMap::map(file, path);
  return std::shared_ptr<const PackedFile>(new PackedFile(std::move(file), std::move(map), std::move(index)));
}

const PackedEntry* PackedFile::find(const std::string& name, DataType dtype) const {
  const auto found = places_.find({name, dtype});
  return found == places_.end() ? nullptr : &index_.entries[found->second];
}

void PackedFile::read(const PackedEntry& entry, std::uint64_t begin, std::span<std::byte> to) const {
  while (!to.empty()) {
    const ::ssize_t n =
        ::pread(file_.get(), to.data(), to.size(), static_cast<::off_t>(entry.offset + begin));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    TTX_CHECK(n > 0, kOp, "cannot read {}: {}", path().string(), n == 0 ? "it was cut" : reason(errno));
    begin += static_cast<std::uint64_t>(n);
    to = to.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace ttx
