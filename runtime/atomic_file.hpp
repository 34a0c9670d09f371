// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace ttx {

/// A file that appears whole or not at all: bytes go to a temporary name in the same folder; `commit` syncs
/// it and renames it to the target. Without `commit` the destructor removes it, and the target, if there was
/// one, stays as it was. A link is followed: the file it leads to is replaced, or made when there is none.
class AtomicFile {
 public:
  /// Throws Error when the folder does not exist or is not writable, or when the target is not a regular
  /// file (a folder, a device, a pipe, an open file of /proc).
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. Throws Error naming the file and the reason (disk full, ...).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Once, last.
  void commit();

  /// Behind the links.
  const std::filesystem::path& target() const { return target_; }
  std::uint64_t written() const { return written_; }

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  std::uint64_t written_ = 0;
};

/// The whole text in one go.
void write_file(const std::filesystem::path& target, std::string_view text);

}  // namespace ttx
