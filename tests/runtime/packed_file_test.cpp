// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_file.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "runtime/storage.hpp"
#include "tests/runtime/packed_files.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

constexpr DataType kTypes[] = {DataType::BFLOAT8_B, DataType::BFLOAT4_B};

class PackedFiles : public OneDevice {
 protected:
  TempDir folder;
  std::filesystem::path path = folder / "some.panels";
  std::vector<Packing> weights{{random_matrix("a", 96, 64, 1), DataType::BFLOAT8_B},
                               {random_matrix("b", 33, 70, 2), DataType::BFLOAT4_B},
                               {random_matrix("a", 96, 64, 1), DataType::BFLOAT4_B}};
};

TEST_F(PackedFiles, HoldsEveryWeightAsItIsPackedInMemory) {
  write_packed(device, path, "key", weights);
  const auto file = PackedFile::open(path, "key");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->index().file_bytes, std::filesystem::file_size(path));
  for (const auto& [matrix, dtype] : weights) {
    const PackedEntry* const entry = file->find(matrix.name(), dtype);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->offset % kPackedAlignment, 0U);
    Upload how;
    how.dtype = dtype;
    const Tensor packed = upload(device, matrix, how);
    const auto bytes = file->bytes(*entry);
    ASSERT_EQ(bytes.size(), packed.storage().bytes);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), packed.storage().as<std::byte>())) << matrix.name();
    std::vector<std::byte> middle(100);
    file->read(*entry, 77, middle);
    EXPECT_TRUE(std::equal(middle.begin(), middle.end(), bytes.begin() + 77));
  }
  EXPECT_EQ(file->find("b", DataType::BFLOAT8_B), nullptr);
  EXPECT_EQ(file->find("c", DataType::BFLOAT8_B), nullptr);
  EXPECT_EQ(PackedFile::open(folder / "other.panels", "key"), nullptr);
}

/// Every cut of K and N gives the bits that packing it gives, whatever of it the file can give.
TEST_F(PackedFiles, PiecesHaveTheSameBits) {
  const std::int64_t n = 200;
  const std::int64_t k = 300;
  for (const DataType dtype : kTypes) {
    const HostTensor matrix = random_matrix("w", n, k, 5);
    write_packed(device, path, "key", {{matrix, dtype}});
    const auto file = PackedFile::open(path, "key");
    struct Case {
      Placement placement;
      Range piece;
      bool viewed;  ///< used where the file maps it
    };
    for (const Case& c :
         {Case{{}, {}, true}, Case{Placement::sharded(3), {32, 96}, true},
          Case{Placement::sharded(3), {96, 200}, true}, Case{Placement::sharded(3), {32, 80}, false},
          Case{Placement::sharded(3), {16, 96}, false}, Case{Placement::sharded(2), {0, 64}, false},
          Case{Placement::sharded(2), {224, 300}, false}, Case{Placement::sharded(2), {0, 300}, true},
          Case{Placement::sharded(2), {10, 64}, false}}) {
      Upload how;
      how.dtype = dtype;
      how.placement = c.placement;
      how.piece = c.piece;
      how.sum_blocks.end[0] = c.placement.is_sharded(2) ? c.piece.size() : k;
      const Tensor plain = upload(device, matrix, how);
      how.packed = file;
      const Tensor packed = upload(device, matrix, how);
      const std::string what = packed.describe() + " from " + std::to_string(c.piece.begin);
      ASSERT_EQ(packed.storage().bytes, plain.storage().bytes) << what;
      EXPECT_TRUE(std::equal(plain.storage().as<std::byte>(),
                             plain.storage().as<std::byte>() + plain.storage().bytes,
                             packed.storage().as<std::byte>()))
          << what;
      EXPECT_EQ(packed.shape(), plain.shape());
      const auto all = file->bytes(*file->find("w", dtype));
      const std::byte* const at = packed.storage().as<std::byte>();
      EXPECT_EQ(at >= all.data() && at < all.data() + all.size(), c.viewed) << what;
    }
  }
}

TEST_F(PackedFiles, AWeightOfAnotherSizeIsNotTaken) {
  write_packed(device, path, "key", weights);
  Upload how;
  how.dtype = DataType::BFLOAT8_B;
  const HostTensor other = random_matrix("a", 96, 32, 9);
  const Tensor plain = upload(device, other, how);
  how.packed = PackedFile::open(path, "key");
  expect_same_bits(values_of(upload(device, other, how)), values_of(plain), "another [K, N]");
}

TEST_F(PackedFiles, WhatIsWrongIsSaid) {
  write_packed(device, path, "key", weights);
  const std::string whole = bytes_of(path);
  const PackedIndex index = index_of("key", weights);
  const std::size_t header = packed_header(index).size();
  const auto refused = [&](const std::string& bytes, std::string_view why) {
    overwrite(path, bytes);
    expect_error(ExitCode::kFailure, {why}, [&] { PackedFile::open(path, "key"); });
  };
  for (std::size_t at = 0; at < header; ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    overwrite(path, flipped);
    expect_error(ExitCode::kFailure, {"[packed]"}, [&] { PackedFile::open(path, "key"); });
  }
  std::string foreign = whole;
  foreign[whole.find(" 1\n") + 1] = '2';
  refused(foreign, "not made by this version");
  refused("alien", "not made by this version");
  refused(whole.substr(0, 40), "not made by this version");
  refused(whole.substr(0, header - 1), "its index is not whole");
  refused(whole.substr(0, whole.size() - 1), "expected " + std::to_string(whole.size()));
  refused(whole.substr(0, header), "expected " + std::to_string(whole.size()));
  refused(whole + "x", "expected " + std::to_string(whole.size()));
  // Small entries are compared whole.
  for (const PackedEntry& entry : index.entries) {
    for (const std::uint64_t at : {entry.offset, entry.offset + 2000, entry.offset + entry.bytes - 1}) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
      refused(flipped, "weights are not what was written");
    }
  }
  overwrite(path, whole);
  expect_error(ExitCode::kFailure, {"another checkpoint"}, [&] { PackedFile::open(path, "other key"); });
  EXPECT_NE(PackedFile::open(path, "key"), nullptr);
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  expect_error(ExitCode::kCheckpoint, {"a folder"}, [&] { PackedFile::open(path, "key"); });
}

/// Of a long entry its first, its middle and its last block are.
TEST_F(PackedFiles, ASampleOfLongWeightsIsCompared) {
  const HostTensor matrix = random_matrix("w", 256, 256, 3);
  write_packed(device, path, "key", {{matrix, DataType::BFLOAT8_B}});
  const std::string whole = bytes_of(path);
  const PackedEntry entry = index_of("key", {{matrix, DataType::BFLOAT8_B}}).entries.front();
  for (const std::uint64_t at :
       {std::uint64_t{0}, std::uint64_t{4095}, entry.bytes / 2, entry.bytes - 4096}) {
    std::string flipped = whole;
    flipped[entry.offset + at] = static_cast<char>(flipped[entry.offset + at] ^ 1);
    overwrite(path, flipped);
    expect_error(ExitCode::kFailure, {"weights are not"}, [&] { PackedFile::open(path, "key"); });
  }
}

TEST_F(PackedFiles, ReplacingOrRemovingTheFileLeavesWhatIsMapped) {
  write_packed(device, path, "key", weights);
  const auto file = PackedFile::open(path, "key");
  const PackedEntry& entry = file->index().entries.front();
  const std::vector<std::byte> before(file->bytes(entry).begin(), file->bytes(entry).end());
  write_packed(device, path, "key", {{random_matrix("z", 64, 64, 8), DataType::BFLOAT8_B}});
  EXPECT_TRUE(std::equal(before.begin(), before.end(), file->bytes(entry).begin()));
  std::filesystem::remove(path);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), file->bytes(entry).begin()));
}

}  // namespace
}  // namespace ttx::test
