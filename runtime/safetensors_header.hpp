// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ttx {

/// One tensor of a safetensors file: "BF16", "F32", "I64", ... (all types of the format) and where its bytes
/// lie, counted from the first byte of the file.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  /// "BF16 [64, 32]"
  std::string describe() const;
};

/// The checked header of a safetensors file (format: README.md of huggingface/safetensors).
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< in the order of their bytes
  std::unordered_map<std::string, std::size_t> by_name;
  std::map<std::string, std::string> metadata;
  std::uint64_t data_begin = 0;  ///< offset of the first data byte in the file

  /// Parses and checks the header of a whole file. Throws Error (kCheckpoint) naming `path`, the tensor, and
  /// both values unless: the length field fits, the header is one JSON object without duplicate keys, every
  /// entry is well formed, and the tensors cover the data exactly once, without hole, overlap or rest.
  static SafetensorsHeader parse(std::span<const std::byte> file, const std::string& path);
};

/// Bits per element of a type of the format; 0 when the format has no such type.
unsigned safetensors_bits(std::string_view dtype);

/// Bytes of a tensor of this type and shape. Throws Error (kCheckpoint) beginning with `where` when the type
/// is unknown, the product overflows 64 bits, or the bits do not fill whole bytes.
std::uint64_t safetensors_bytes(const SafetensorsEntry& entry, const std::string& where);

}  // namespace ttx
