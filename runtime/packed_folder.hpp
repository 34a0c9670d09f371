// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace ttx {

/// The folder of packed files, and how much they may take there.
class PackedFolder {
 public:
  /// Of what TTX_CACHE_GB says, in bytes; 32 GB when it is not set, 0 when it is "0". Throws Error (kUsage)
  /// when it is not a number from 0 on.
  static std::uint64_t limit_of_environment();

  /// `folder` may be empty: there is none. It is made when it is written.
  PackedFolder(std::filesystem::path folder, std::uint64_t limit);

  /// `name` is made of hex digits and hyphens.
  std::filesystem::path file_of(const std::string& name) const;
  std::uint64_t limit() const { return limit_; }
  /// Makes the folder where missing, and room for `bytes`: removes temporary files that nobody writes, then
  /// those packed files that were not used for the longest time. Files that a process holds stay, as does
  /// whatever has another name. Throws Error that says why nothing can be kept: no folder, one that cannot be
  /// written, more than the limit, too little room on the disk.
  void make_room(std::uint64_t bytes) const;
  /// A file counts as used at the time of its last change. Does nothing where it cannot be changed.
  static void mark_used(const std::filesystem::path& file);

 private:
  std::filesystem::path folder_;
  std::uint64_t limit_;
};

}  // namespace ttx
