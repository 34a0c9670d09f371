// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "runtime/packed_writer.hpp"
#include "tests/runtime/device_tensors.hpp"

/// Packed files for tests.
namespace ttx::test {

/// [n][k] of random values, turned as a linear weight.
inline HostTensor random_matrix(const std::string& name, std::int64_t n, std::int64_t k, unsigned seed) {
  return HostTensor::from(name, {n, k}, random_values(n * k, seed)).transposed();
}

/// A matrix and the type that it is packed as.
using Packing = std::pair<HostTensor, DataType>;

inline PackedIndex index_of(const std::string& key, const std::vector<Packing>& weights) {
  std::vector<PackedEntry> entries;
  for (const auto& [matrix, dtype] : weights) {
    entries.push_back(
        {.name = matrix.name(), .dtype = dtype, .k = matrix.shape()[0], .n = matrix.shape()[1]});
  }
  return lay_out(key, std::move(entries));
}

inline void write_packed(Device& device, const std::filesystem::path& path, const std::string& key,
                         const std::vector<Packing>& weights) {
  PackedWriter writer = PackedWriter::create(path, "test", index_of(key, weights));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const PackedEntry& entry = writer.index().entries[i];
    writer.pack(device, entry, weights[i].first, {0, packed_panels(entry)});
  }
  writer.finish();
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void overwrite(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace ttx::test
