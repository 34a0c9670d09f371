// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "runtime/file_descriptor.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/packed_file.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx {

class Device;

/// A packed file while it is written, by one process or by several of a host together. It has a temporary
/// name, and no header, until finish(); a file that is never finished is removed.
///
/// Writing past a limit of the disk or of file sizes (ulimit -f) throws Error, it sends no signal.
class PackedWriter {
 public:
  /// Makes the file, in the folder of `target`, and reserves its room. `token` makes the temporary name its
  /// own: ".<target>.<token>.tmp". Throws Error naming the folder and the reason (read-only, disk full, ...).
  static PackedWriter create(std::filesystem::path target, const std::string& token, PackedIndex index);
  /// Opens what another process of this host has created.
  static PackedWriter join(std::filesystem::path target, const std::string& token, PackedIndex index);
  ~PackedWriter();
  PackedWriter(PackedWriter&& other) noexcept = default;
  PackedWriter& operator=(PackedWriter&&) = delete;

  /// Packs panels [panels) of an entry from `matrix`, a checkpoint's transposed [K, N], by all threads of the
  /// device.
  void pack(Device& device, const PackedEntry& entry, const HostTensor& matrix, Range panels) const;
  /// All that was written so far, to read; no header is needed.
  std::shared_ptr<const PackedFile> file() const;
  /// The maker's, once, when all panels are written: writes the header, waits for the disk, and gives the
  /// file its name.
  void finish();

  const PackedIndex& index() const { return index_; }

 private:
  enum class Role { kMaker, kHelper };
  PackedWriter(Role role, std::filesystem::path target, const std::string& token, PackedIndex index);
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;  ///< empty once it has its name
  PackedIndex index_;
  Role role_;
  FileDescriptor file_;
};

}  // namespace ttx
