// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "runtime/file_descriptor.hpp"
#include "runtime/file_map.hpp"
#include "runtime/packed_index.hpp"

namespace ttx {

/// Linear weights of block floats as they were packed once, mapped read-only: all ranks of a host, whatever
/// their mesh, share the pages of one file.
///
/// The file is held with a shared lock (flock): whoever makes room in its folder leaves it alone. It may be
/// replaced or removed under its name; it must not be written or cut.
class PackedFile {
 public:
  /// Null when there is no such file. Throws Error that says why it cannot be used, see read_packed_index.
  static std::shared_ptr<const PackedFile> open(const std::filesystem::path& path, const std::string& key);
  /// A file that was just written, open and under lock. Its header is not looked at.
  static std::shared_ptr<const PackedFile> written(FileDescriptor file, const std::filesystem::path& path,
                                                   PackedIndex index);

  const std::filesystem::path& path() const { return map_->path(); }
  std::size_t size() const { return map_->size(); }
  const PackedIndex& index() const { return index_; }
  /// Null when the file has no such weight.
  const PackedEntry* find(const std::string& name, DataType dtype) const;
  std::span<const std::byte> bytes(const PackedEntry& entry) const {
    return map_->bytes().subspan(entry.offset, entry.bytes);
  }
  /// Copies bytes of an entry from `begin` on, past the map. Throws Error.
  void read(const PackedEntry& entry, std::uint64_t begin, std::span<std::byte> to) const;

 private:
  PackedFile(FileDescriptor file, std::shared_ptr<const FileMap> map, PackedIndex index);

  FileDescriptor file_;
  std::shared_ptr<const FileMap> map_;
  PackedIndex index_;
  std::map<std::pair<std::string, DataType>, std::size_t> places_;
};

}  // namespace ttx
