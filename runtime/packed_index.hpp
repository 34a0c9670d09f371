// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/dtype.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx {

/// A linear weight [K, N] of block floats in a packed file: its panels of 32 columns one behind the other, as
/// kernels/block_float.hpp lays them out. One device has all of it; a device of a line has panels next to
/// each other (cut by columns), or the same chunks of every panel (cut by rows).
struct PackedEntry {
  std::string name;  ///< of the checkpoint's tensor, or of rows of one: "name[begin:end]"
  DataType dtype = DataType::BFLOAT8_B;
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::uint64_t offset = 0;  ///< in the file, a multiple of kPackedAlignment
  std::uint64_t bytes = 0;
};

inline constexpr std::uint64_t kPackedAlignment = 4096;

/// Panels of an entry.
std::int64_t packed_panels(const PackedEntry& entry);

/// What a packed file begins with: "ttx packed weights 1\n", the SHA-256 of the index as 64 hex digits, its
/// length as 16, the index (a cereal archive). The entries follow it.
struct PackedIndex {
  std::string key;  ///< of what it was made from, see PackedFile
  std::vector<PackedEntry> entries;
  std::uint64_t file_bytes = 0;
  /// SHA-256 over three blocks of 4 KiB of every entry: its first, its middle and its last one.
  std::string sample;
};

/// What of an entry lies in part `part` of `parts` equal stretches of a file of `file_bytes`: a panel belongs
/// to the stretch that it begins in. The parts have every panel once.
Range panels_of_part(const PackedEntry& entry, std::uint64_t file_bytes, int part, int parts);

/// Sets offsets and lengths of `entries`, which have name, dtype, K and N, and of the file; no sample yet.
PackedIndex lay_out(std::string key, std::vector<PackedEntry> entries);

/// The bytes at the file's start. Their number does not depend on the sample.
std::string packed_header(const PackedIndex& index);

/// The index of a whole file. Throws Error that says what is wrong: another version, damaged, truncated, or
/// made from something else than `key`. Of the entries' bytes the sample is compared, not every one.
PackedIndex read_packed_index(std::span<const std::byte> file, const std::string& key);

/// The digest of the entries' blocks.
std::string sample_of(const PackedIndex& index, std::span<const std::byte> file);

}  // namespace ttx
