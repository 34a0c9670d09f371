// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace ttx {

class FileDescriptor;

/// A whole file, mapped read-only. The pages belong to the page cache: all ranks of a host share one copy.
///
/// The file must not shrink while it is mapped: reading a page that is no longer there ends the process with
/// SIGBUS. Replacing the file by renaming another one over it is safe, the old bytes stay.
class FileMap {
 public:
  /// Throws Error (kCheckpoint) when the file is missing, unreadable, not a regular file, or empty.
  static std::shared_ptr<const FileMap> open(const std::filesystem::path& path);
  /// The same of a file that is open for reading; `path` is its name in messages.
  static std::shared_ptr<const FileMap> map(const FileDescriptor& file, const std::filesystem::path& path);
  ~FileMap();
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  std::size_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

  /// Gives the pages of `range`, a part of bytes(), back to the system. Its bytes stay valid: the next read
  /// maps them again. Throws Error when `range` lies outside.
  void release(std::span<const std::byte> range) const;

 private:
  FileMap(std::filesystem::path path, const std::byte* data, std::size_t size);

  std::filesystem::path path_;
  const std::byte* data_;
  std::size_t size_;
};

}  // namespace ttx
