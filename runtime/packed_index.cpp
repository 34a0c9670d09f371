// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_index.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>
#include <utility>

#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <fmt/core.h>

#include "kernels/linear.hpp"
#include "runtime/error.hpp"
#include "runtime/panel_packer.hpp"
#include "runtime/sha256.hpp"

namespace ttx {

/// Found by cereal through the namespace of the two.
template <class Archive>
void serialize(Archive& archive, PackedEntry& entry) {
  archive(entry.name, entry.dtype, entry.k, entry.n, entry.offset, entry.bytes);
}

template <class Archive>
void serialize(Archive& archive, PackedIndex& index) {
  archive(index.key, index.entries, index.file_bytes, index.sample);
}

namespace {

constexpr const char* kOp = "packed";
// Raise it when panels, or what the file holds, are laid out otherwise.
constexpr std::string_view kVersion = "ttx packed weights 1\n";
constexpr std::size_t kDigestLength = 64;
constexpr std::size_t kLengthDigits = 16;
constexpr std::size_t kPrefix = kVersion.size() + kDigestLength + kLengthDigits;
constexpr std::size_t kBlock = 4096;

constexpr std::uint64_t aligned(std::uint64_t at) {
  return (at + kPackedAlignment - 1) / kPackedAlignment * kPackedAlignment;
}

std::uint64_t bytes_of(const PackedEntry& entry) {
  return static_cast<std::uint64_t>(packed_panels(entry) * panel_bytes_of(entry.k, entry.dtype));
}

void check_entry(const PackedEntry& entry, std::uint64_t file_bytes) {
  const bool good = is_block_float(entry.dtype) && entry.k > 0 && entry.n > 0 &&
                    entry.bytes == bytes_of(entry) && entry.offset % kPackedAlignment == 0 &&
                    entry.offset <= file_bytes && entry.bytes <= file_bytes - entry.offset;
  TTX_CHECK(good, kOp, "damaged: '{}' of {} bytes at {} does not lie in {} bytes", entry.name, entry.bytes,
            entry.offset, file_bytes);
}

}  // namespace

std::int64_t packed_panels(const PackedEntry& entry) { return kernels::panel_count(entry.n); }

Range panels_of_part(const PackedEntry& entry, std::uint64_t file_bytes, int part, int parts) {
  const std::int64_t panels = packed_panels(entry);
  const std::int64_t panel_bytes = static_cast<std::int64_t>(entry.bytes) / panels;
  const auto begins_before = [&](int end) {
    const std::int64_t bytes =
        static_cast<std::int64_t>(file_bytes) / parts * end - static_cast<std::int64_t>(entry.offset);
    const std::int64_t begun = bytes <= 0 ? 0 : (bytes + panel_bytes - 1) / panel_bytes;
    return end == parts ? panels : std::min(begun, panels);
  };
  return {begins_before(part), begins_before(part + 1)};
}

PackedIndex lay_out(std::string key, std::vector<PackedEntry> entries) {
  PackedIndex index{.key = std::move(key),
                    .entries = std::move(entries),
                    .file_bytes = 0,
                    .sample = std::string(kDigestLength, '0')};
  std::uint64_t at = packed_header(index).size();
  for (PackedEntry& entry : index.entries) {
    entry.offset = aligned(at);
    entry.bytes = bytes_of(entry);
    at = entry.offset + entry.bytes;
  }
  index.file_bytes = at;
  return index;
}

std::string packed_header(const PackedIndex& index) {
  std::ostringstream out;
  {
    cereal::BinaryOutputArchive archive(out);
    archive(index);
  }
  const std::string body = out.str();
  return fmt::format("{}{}{:016x}{}", kVersion, sha256_hex(body), body.size(), body);
}

PackedIndex read_packed_index(std::span<const std::byte> file, const std::string& key) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  TTX_CHECK(text.starts_with(kVersion) && text.size() >= kPrefix, kOp, "not made by this version");
  const std::string_view digits = text.substr(kPrefix - kLengthDigits, kLengthDigits);
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length, 16);
  TTX_CHECK(error == std::errc{} && end == digits.data() + digits.size() && length <= text.size() - kPrefix,
            kOp, "damaged: its index is not whole");
  const std::string_view body = text.substr(kPrefix, length);
  // Before cereal sees a byte: it believes the lengths that it reads.
  TTX_CHECK(sha256_hex(body) == text.substr(kVersion.size(), kDigestLength), kOp,
            "damaged: its index is not what was written");
  PackedIndex index;
  std::istringstream in{std::string(body)};
  cereal::BinaryInputArchive archive(in);
  archive(index);
  TTX_CHECK(index.key == key, kOp, "made from another checkpoint");
  TTX_CHECK(index.file_bytes == file.size(), kOp, "damaged: got {} bytes, expected {}", file.size(),
            index.file_bytes);
  for (const PackedEntry& entry : index.entries) {
    check_entry(entry, index.file_bytes);
  }
  TTX_CHECK(sample_of(index, file) == index.sample, kOp, "damaged: weights are not what was written");
  return index;
}

std::string sample_of(const PackedIndex& index, std::span<const std::byte> file) {
  Sha256 hash;
  for (const PackedEntry& entry : index.entries) {
    const auto bytes = file.subspan(entry.offset, entry.bytes);
    const std::size_t block = std::min(kBlock, bytes.size());
    hash.update(bytes.first(block));
    hash.update(bytes.subspan((bytes.size() - block) / 2, block));
    hash.update(bytes.last(block));
  }
  return hash.hex();
}

}  // namespace ttx
