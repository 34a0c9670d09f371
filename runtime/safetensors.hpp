// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/file_map.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/safetensors_header.hpp"

namespace ttx {

/// A safetensors file, mapped and checked (SafetensorsHeader::parse). Cheap to copy; its tensors keep the map
/// alive.
class SafetensorsFile {
 public:
  /// Throws Error (kCheckpoint): see FileMap::open and SafetensorsHeader::parse.
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return map_->path(); }
  /// In the order of the bytes in the file.
  std::vector<std::string> names() const;
  std::span<const SafetensorsEntry> entries() const { return header_->entries; }
  const std::map<std::string, std::string>& metadata() const { return header_->metadata; }
  /// Null when the file has no such tensor.
  const SafetensorsEntry* find(const std::string& name) const;
  /// A view into the file; the bytes may be unaligned. BF16, F16, F32, I32 and U32. Throws Error
  /// (kCheckpoint) when the file has no such tensor, or one of another type, or with more dims than Shape
  /// holds.
  HostTensor tensor(const std::string& name) const;
  /// The values of an I64 tensor, row-major. Throws Error (kCheckpoint) when there is none of this name and
  /// type.
  std::vector<std::int64_t> int64s(const std::string& name) const;

  /// Bytes of the length field and the JSON header.
  std::span<const std::byte> header_bytes() const { return map_->bytes().first(header_->data_begin); }
  const FileMap& map() const { return *map_; }

 private:
  SafetensorsFile() = default;
  const SafetensorsEntry& require(const std::string& name) const;
  std::span<const std::byte> bytes_of(const SafetensorsEntry& entry) const;

  std::shared_ptr<const FileMap> map_;
  std::shared_ptr<const SafetensorsHeader> header_;
};

}  // namespace ttx
