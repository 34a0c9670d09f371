// SPDX-License-Identifier: Apache-2.0
#include "runtime/direct_file.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "runtime/file_map.hpp"
#include "runtime/memory_block.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

constexpr std::size_t kUnit = DirectFile::kAlignment;

/// `units` aligned blocks of one letter each, 'a' first.
class Letters {
 public:
  explicit Letters(std::size_t units) : memory_(MemoryBlock::reserve((units + 1) * kUnit)) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    start_ = memory_.data() + (kUnit - address % kUnit) % kUnit;
    for (std::size_t i = 0; i < units; ++i) {
      std::fill_n(start_ + i * kUnit, kUnit, static_cast<std::byte>('a' + i));
    }
  }
  std::span<const std::byte> blocks(std::size_t first, std::size_t count) const {
    return {start_ + first * kUnit, count * kUnit};
  }

 private:
  MemoryBlock memory_;
  std::byte* start_;
};

TEST(DirectFile, BlocksInAnyOrderAndTheSizeAsked) {
  const test::TempDir dir;
  const Letters letters(4);
  dir.write("f", "an older and longer file " + std::string(100'000, '.'));
  DirectFile file(dir / "f", 3 * kUnit + 5);
  file.write_at(2 * kUnit, letters.blocks(2, 2));
  file.write_at(0, letters.blocks(0, 2));
  file.finish();
  const std::string expected =
      std::string(kUnit, 'a') + std::string(kUnit, 'b') + std::string(kUnit, 'c') + "ddddd";
  EXPECT_EQ(FileMap::open(dir / "f")->text(), expected);
}

TEST(DirectFile, RefusesWhatIsNotAligned) {
  const test::TempDir dir;
  const Letters letters(2);
  DirectFile file(dir / "f", 2 * kUnit);
  const std::string_view expected = "expected multiples of 4096";
  test::expect_error(ExitCode::kFailure, {expected}, [&] { file.write_at(1, letters.blocks(0, 1)); });
  test::expect_error(ExitCode::kFailure, {expected},
                     [&] { file.write_at(0, letters.blocks(0, 1).first(10)); });
  test::expect_error(ExitCode::kFailure, {expected},
                     [&] { file.write_at(0, letters.blocks(0, 2).subspan(8, kUnit)); });
}

TEST(DirectFile, NamesTheFileAndTheReason) {
  const test::TempDir dir;
  test::expect_error(ExitCode::kFailure, {"absent/f: No such file or directory"},
                     [&] { DirectFile(dir / "absent" / "f", 10); });
  test::expect_error(ExitCode::kFailure, {"Is a directory"}, [&] { DirectFile(dir.path(), 10); });
}

TEST(DirectFile, AnEmptyFile) {
  const test::TempDir dir;
  DirectFile file(dir / "f", 0);
  file.finish();
  EXPECT_EQ(std::filesystem::file_size(dir / "f"), 0U);
}

}  // namespace
}  // namespace ttx
