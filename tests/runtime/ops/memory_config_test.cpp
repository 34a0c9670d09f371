// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using MemoryConfigTest = OneDevice;

MemoryConfig by_height(const Tensor& x, CoreGrid grid) {
  return create_sharded_memory_config(x.padded_shape(), grid, ShardStrategy::HEIGHT);
}

TEST_F(MemoryConfigTest, AHeadPerCore) {
  const Tensor k = random_tensor(device, {1, 8, 70, 96}, 1, Placement::sharded(1));
  const MemoryConfig config = by_height(k, {.x = 4, .y = 2});
  ASSERT_TRUE(config.shard_spec.has_value());
  EXPECT_EQ(config.buffer_type, BufferType::L1);
  EXPECT_EQ(config.shard_spec->height, 96);  // 70 positions in whole tiles
  EXPECT_EQ(config.shard_spec->width, 96);
  EXPECT_EQ(to_string(config), "HEIGHT_SHARDED L1, 4 x 2 cores of [96, 96]");
}

TEST_F(MemoryConfigTest, MovesNoByteAndIsCarriedAlong) {
  const Tensor x = random_tensor(device, {1, 2, 32, 64}, 1, Placement::sharded(1));
  EXPECT_EQ(x.memory_config(), DRAM_MEMORY_CONFIG);
  const MemoryConfig config = by_height(x, {.x = 2, .y = 1});
  const Tensor sharded = interleaved_to_sharded(x, config);
  EXPECT_EQ(sharded.memory_config(), config);
  EXPECT_EQ(sharded.bf16().data(), x.bf16().data());
  EXPECT_EQ(sharded.placement(), x.placement());
  EXPECT_EQ(sharded.placed({}).memory_config(), config);
  EXPECT_NE(sharded.describe().find("HEIGHT_SHARDED L1, 2 x 1 cores"), std::string::npos)
      << sharded.describe();
  EXPECT_EQ(x.describe().find("INTERLEAVED"), std::string::npos) << x.describe();
  EXPECT_EQ(sharded_to_interleaved(sharded).memory_config(), DRAM_MEMORY_CONFIG);
  EXPECT_EQ(to_memory_config(sharded, L1_MEMORY_CONFIG).memory_config(), L1_MEMORY_CONFIG);
  EXPECT_EQ(silu(sharded).memory_config(), DRAM_MEMORY_CONFIG);
  EXPECT_EQ(sharded.reshaped({1, 1, 64, 64}).memory_config(), DRAM_MEMORY_CONFIG);
}

TEST_F(MemoryConfigTest, AShardedInputFillsTheSameCache) {
  const Tensor k = random_tensor(device, {1, 2, 40, 32}, 1);
  Tensor plain = Tensor::cache(device, {1, 2, 64, 32}, Format::kKeyCache, {});
  Tensor filled = Tensor::cache(device, {1, 2, 64, 32}, Format::kKeyCache, {});
  fill_cache(plain, k, 0);
  fill_cache(filled, interleaved_to_sharded(k, by_height(k, {.x = 1, .y = 2})), 0);
  expect_same_bits(values_of(filled), values_of(plain), "cache");
}

TEST(CoreGridOf, TakesTheWidestRow) {
  constexpr CoreGrid kMost{.x = 8, .y = 8};
  EXPECT_EQ(core_grid_of(1, kMost), (CoreGrid{1, 1}));
  EXPECT_EQ(core_grid_of(4, kMost), (CoreGrid{4, 1}));
  EXPECT_EQ(core_grid_of(10, kMost), (CoreGrid{5, 2}));
  EXPECT_EQ(core_grid_of(32, kMost), (CoreGrid{8, 4}));
  EXPECT_EQ(core_grid_of(64, kMost), kMost);
  for (const std::int64_t parts : {-1, 0, 11, 65, 72}) {
    expect_error(ExitCode::kFailure,
                 {"[core_grid_of] no grid of exactly " + std::to_string(parts) + " cores"},
                 [&] { core_grid_of(parts, kMost); });
  }
}

TEST_F(MemoryConfigTest, ErrorsSayWhatToDo) {
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  const Tensor x = random_tensor(device, {1, 3, 32, 64}, 1);
  refuse({"[create_sharded_memory_config] Invalid sharding core_grid: got 96 rows", "7 x 1 cores"},
         [&] { by_height(x, {.x = 7, .y = 1}); });
  refuse({"Invalid sharding core_grid: got 0 x 1"}, [&] { by_height(x, {.x = 0, .y = 1}); });
  refuse({"shape: got [1, 0, 32, 64]"}, [] {
    create_sharded_memory_config({1, 0, 32, 64}, {.x = 1, .y = 1}, ShardStrategy::HEIGHT);
  });
  const MemoryConfig three = by_height(x, {.x = 3, .y = 1});
  refuse({"[interleaved_to_sharded] memory config: got HEIGHT_SHARDED L1, 3 x 1 cores of [32, 64]",
          "expected parts of 32 rows of 64", "padded_shape()"},
         [&] {
           interleaved_to_sharded(random_tensor(device, {1, 1, 32, 64}, 1), three);
         });
  refuse({"[to_memory_config]", "whole tiles", "take fewer cores"},
         [&] { to_memory_config(x, by_height(x, {.x = 6, .y = 1})); });
  refuse({"[to_memory_config] memory config: got HEIGHT_SHARDED without a shard spec"}, [&] {
    to_memory_config(x, {TensorMemoryLayout::HEIGHT_SHARDED, BufferType::L1, std::nullopt});
  });
  refuse({"got INTERLEAVED with a shard spec"}, [&] {
    to_memory_config(x, {TensorMemoryLayout::INTERLEAVED, BufferType::L1, three.shard_spec});
  });
  const Tensor sharded = interleaved_to_sharded(x, three);
  refuse({"[interleaved_to_sharded] got HEIGHT_SHARDED", "expected INTERLEAVED to sharded"},
         [&] { interleaved_to_sharded(sharded, three); });
  refuse({"[sharded_to_interleaved] got INTERLEAVED DRAM to INTERLEAVED DRAM"},
         [&] { sharded_to_interleaved(x); });
  refuse({"[to_memory_config] x: got an empty tensor"},
         [] { to_memory_config(Tensor(), DRAM_MEMORY_CONFIG); });
  refuse({"x: got key cache", "expected rows"}, [&] {
    to_memory_config(Tensor::cache(device, {1, 1, 64, 32}, Format::kKeyCache, {}), DRAM_MEMORY_CONFIG);
  });
}

}  // namespace
}  // namespace ttx::test
