// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace ttx {

/// A new file of known size, written in large blocks in any order. The blocks go past the page cache where
/// the file system can do that: a file of many gigabytes is on disk sooner, and what the machine keeps in
/// memory stays there. Unlike AtomicFile it is there under its name from the start.
class DirectFile {
 public:
  /// What offsets, lengths and addresses of blocks are multiples of.
  static constexpr std::size_t kAlignment = 4096;

  /// Replaces a file of that name. Reserves the space where the file system can. Throws Error naming the file
  /// and the reason (disk full, ...).
  DirectFile(std::filesystem::path path, std::uint64_t size);
  ~DirectFile();
  DirectFile(const DirectFile&) = delete;
  DirectFile& operator=(const DirectFile&) = delete;

  /// Safe from several threads at once. Bytes beyond the size are cut off by finish(): the last block is a
  /// whole one too. Throws Error: unaligned, or not written.
  void write_at(std::uint64_t offset, std::span<const std::byte> block);
  /// Once, last: cuts to the size and waits until the disk has all.
  void finish();

 private:
  void check_call(bool good, const char* what) const;

  std::filesystem::path path_;
  std::uint64_t size_;
  int fd_ = -1;
};

}  // namespace ttx
