// SPDX-License-Identifier: Apache-2.0
#include "runtime/safetensors.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/error.hpp"

namespace ttx {

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian and used in place");

namespace {

std::optional<DataType> host_type(std::string_view dtype) {
  constexpr std::pair<std::string_view, DataType> kTypes[] = {{"BF16", DataType::BFLOAT16},
                                                              {"F16", DataType::FLOAT16},
                                                              {"F32", DataType::FLOAT32},
                                                              {"I32", DataType::INT32},
                                                              {"U32", DataType::UINT32}};
  for (const auto& [name, type] : kTypes) {
    if (name == dtype) {
      return type;
    }
  }
  return std::nullopt;
}

Shape host_shape(const SafetensorsEntry& entry, const std::string& path) {
  TTX_CHECK_AS(entry.shape.size() <= Shape::kMaxRank, ExitCode::kCheckpoint, "safetensors",
               "{}: tensor '{}': got {} dims, expected at most {}", path, entry.name, entry.shape.size(),
               Shape::kMaxRank);
  std::vector<std::int64_t> sizes;
  for (const std::uint64_t size : entry.shape) {
    // Only a tensor without elements can have such a size: its bytes are counted already.
    TTX_CHECK_AS(size <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
                 ExitCode::kCheckpoint, "safetensors",
                 "{}: tensor '{}': got size {}, expected less than 2^63", path, entry.name, size);
    sizes.push_back(static_cast<std::int64_t>(size));
  }
  return Shape(std::span<const std::int64_t>(sizes));
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  SafetensorsFile file;
  file.map_ = FileMap::open(path);
  file.header_ =
      std::make_shared<SafetensorsHeader>(SafetensorsHeader::parse(file.map_->bytes(), path.string()));
  return file;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& entry : header_->entries) {
    names.push_back(entry.name);
  }
  return names;
}

const SafetensorsEntry* SafetensorsFile::find(const std::string& name) const {
  const auto found = header_->by_name.find(name);
  return found == header_->by_name.end() ? nullptr : &header_->entries[found->second];
}

const SafetensorsEntry& SafetensorsFile::require(const std::string& name) const {
  const SafetensorsEntry* const entry = find(name);
  TTX_CHECK_AS(entry != nullptr, ExitCode::kCheckpoint, "safetensors", "{} has no tensor '{}'",
               path().string(), name);
  return *entry;
}

std::span<const std::byte> SafetensorsFile::bytes_of(const SafetensorsEntry& entry) const {
  return map_->bytes().subspan(entry.begin, entry.end - entry.begin);
}

HostTensor SafetensorsFile::tensor(const std::string& name) const {
  const SafetensorsEntry& entry = require(name);
  const auto dtype = host_type(entry.dtype);
  TTX_CHECK_AS(dtype.has_value(), ExitCode::kCheckpoint, "safetensors",
               "{}: tensor '{}': got dtype {}, expected BF16, F16, F32, I32 or U32", path().string(), name,
               entry.dtype);
  return HostTensor(name, host_shape(entry, path().string()), *dtype, bytes_of(entry), map_);
}

std::vector<std::int64_t> SafetensorsFile::int64s(const std::string& name) const {
  const SafetensorsEntry& entry = require(name);
  TTX_CHECK_AS(entry.dtype == "I64", ExitCode::kCheckpoint, "safetensors",
               "{}: tensor '{}': got dtype {}, expected I64", path().string(), name, entry.dtype);
  const auto bytes = bytes_of(entry);
  std::vector<std::int64_t> values(bytes.size() / sizeof(std::int64_t));
  if (!values.empty()) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
  }
  return values;
}

}  // namespace ttx
