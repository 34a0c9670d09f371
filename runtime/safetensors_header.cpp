// SPDX-License-Identifier: Apache-2.0
#include "runtime/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/error.hpp"
#include "runtime/strict_json.hpp"

namespace ttx {

namespace {

using nlohmann::json;

constexpr std::uint64_t kLengthField = 8;
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the reference reader

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  fail("safetensors", fmt::format(text, std::forward<Args>(args)...), ExitCode::kCheckpoint);
}

std::uint64_t read_length(std::span<const std::byte> file, const std::string& path) {
  if (file.size() < kLengthField) {
    refuse("{}: too short for a header: got {} bytes, expected at least {}; fetch the file again", path,
           file.size(), kLengthField);
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthField; ++i) {
    length |= static_cast<std::uint64_t>(file[i]) << (8 * i);
  }
  if (length > kMaxHeader) {
    refuse("{}: header too long: got {} bytes, expected at most {}; is this a safetensors file?", path,
           length, kMaxHeader);
  }
  if (length > file.size() - kLengthField) {
    refuse(
        "{}: the header ends beyond the file: got {} header bytes, expected at most {}; fetch the file again",
        path, length, file.size() - kLengthField);
  }
  return length;
}

std::uint64_t unsigned_number(const json& value, const std::string& where, std::string_view what) {
  if (!value.is_number_unsigned()) {
    refuse("{}: {}: got {}, expected an integer from 0 to 2^64-1", where, what, value.dump());
  }
  return value.get<std::uint64_t>();
}

const json& field(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end()) {
    refuse("{}: the entry has no '{}'", where, key);
  }
  return *found;
}

SafetensorsEntry read_entry(const std::string& name, const json& value, const std::string& where) {
  if (!value.is_object()) {
    refuse("{}: got {}, expected an object with dtype, shape and data_offsets", where, value.type_name());
  }
  SafetensorsEntry entry;
  entry.name = name;
  const json& dtype = field(value, "dtype", where);
  if (!dtype.is_string()) {
    refuse("{}: dtype: got {}, expected a string", where, dtype.dump());
  }
  entry.dtype = dtype.get<std::string>();
  const json& shape = field(value, "shape", where);
  if (!shape.is_array()) {
    refuse("{}: shape: got {}, expected an array", where, shape.dump());
  }
  for (const json& size : shape) {
    entry.shape.push_back(unsigned_number(size, where, "shape"));
  }
  const json& offsets = field(value, "data_offsets", where);
  if (!offsets.is_array() || offsets.size() != 2) {
    refuse("{}: data_offsets: got {}, expected [begin, end]", where, offsets.dump());
  }
  entry.begin = unsigned_number(offsets[0], where, "data_offsets");
  entry.end = unsigned_number(offsets[1], where, "data_offsets");
  return entry;
}

std::map<std::string, std::string> read_metadata(const json& value, const std::string& path) {
  std::map<std::string, std::string> metadata;
  if (value.is_null()) {  // the reference reader takes it as absent
    return metadata;
  }
  if (!value.is_object()) {
    refuse("{}: __metadata__: got {}, expected an object of strings", path, value.type_name());
  }
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) {
      refuse("{}: __metadata__: '{}': got {}, expected a string", path, key, text.dump());
    }
    metadata.emplace(key, text.get<std::string>());
  }
  return metadata;
}

/// Offsets relative to the data: sorted, they must cover [0, size) exactly once.
void check_cover(const std::vector<SafetensorsEntry>& entries, std::uint64_t size, const std::string& path) {
  std::uint64_t expected = 0;
  const std::string* previous = nullptr;
  for (const auto& entry : entries) {
    const std::string where = fmt::format("{}: tensor '{}'", path, entry.name);
    if (entry.begin != expected) {
      refuse("{}: data_offsets [{}, {}] {} {}: got begin {}, expected {}", where, entry.begin, entry.end,
             entry.begin < expected ? "overlap" : "leave a hole after",
             previous == nullptr ? "the start" : fmt::format("'{}'", *previous), entry.begin, expected);
    }
    if (entry.end < entry.begin) {
      refuse("{}: data_offsets end before they begin: got [{}, {}]", where, entry.begin, entry.end);
    }
    const std::uint64_t bytes = safetensors_bytes(entry, where);
    if (entry.end - entry.begin != bytes) {
      refuse("{}: wrong byte count: data_offsets [{}, {}] hold {}, expected {} for {}", where, entry.begin,
             entry.end, entry.end - entry.begin, bytes, entry.describe());
    }
    expected = entry.end;
    previous = &entry.name;
  }
  if (expected != size) {
    refuse("{}: the file is {}: got {} data bytes, expected {} by its header; fetch the file again", path,
           size < expected ? "truncated" : "longer than its tensors", size, expected);
  }
}

}  // namespace

std::string SafetensorsEntry::describe() const {
  return fmt::format("{} [{}]", dtype, fmt::join(shape, ", "));
}

unsigned safetensors_bits(std::string_view dtype) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 22> kBits = {
      {{"BOOL", 8},        {"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},   {"I8", 8},
       {"F8_E5M2", 8},     {"F8_E4M3", 8},     {"F8_E8M0", 8}, {"I16", 16},    {"U16", 16}, {"F16", 16},
       {"BF16", 16},       {"F8_E4M3FNUZ", 8}, {"I32", 32},    {"U32", 32},    {"F32", 32}, {"C64", 64},
       {"F8_E5M2FNUZ", 8}, {"F64", 64},        {"I64", 64},    {"U64", 64}}};
  const auto* found =
      std::find_if(kBits.begin(), kBits.end(), [&](const auto& row) { return row.first == dtype; });
  return found == kBits.end() ? 0 : found->second;
}

std::uint64_t safetensors_bytes(const SafetensorsEntry& entry, const std::string& where) {
  std::uint64_t total = safetensors_bits(entry.dtype);
  if (total == 0) {
    refuse("{}: unknown dtype: got '{}', expected one of the safetensors format (BF16, F16, F32, I64, ...)",
           where, entry.dtype);
  }
  std::uint64_t elements = 1;
  bool overflow = false;
  for (const std::uint64_t size : entry.shape) {
    overflow = overflow || __builtin_mul_overflow(elements, size, &elements);
  }
  overflow = overflow || __builtin_mul_overflow(total, elements, &total);
  if (overflow) {
    refuse("{}: {} has more bits than 64-bit arithmetic can count", where, entry.describe());
  }
  if (total % 8 != 0) {
    refuse("{}: {} has {} bits, expected a multiple of 8", where, entry.describe(), total);
  }
  return total / 8;
}

SafetensorsHeader SafetensorsHeader::parse(std::span<const std::byte> file, const std::string& path) {
  const std::uint64_t length = read_length(file, path);
  SafetensorsHeader header;
  header.data_begin = kLengthField + length;
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kLengthField, length);
  const json root = parse_strict_json(text, "safetensors", path + ": header");
  if (!root.is_object()) {
    refuse("{}: header: got {}, expected a JSON object", path, root.type_name());
  }
  for (const auto& [name, value] : root.items()) {
    if (name == "__metadata__") {
      header.metadata = read_metadata(value, path);
    } else {
      header.entries.push_back(read_entry(name, value, fmt::format("{}: tensor '{}'", path, name)));
    }
  }
  std::sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  check_cover(header.entries, file.size() - header.data_begin, path);
  for (std::size_t i = 0; i < header.entries.size(); ++i) {
    auto& entry = header.entries[i];
    entry.begin += header.data_begin;
    entry.end += header.data_begin;
    header.by_name.emplace(entry.name, i);
  }
  return header;
}

}  // namespace ttx
