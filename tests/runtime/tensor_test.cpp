// SPDX-License-Identifier: Apache-2.0
#include "runtime/tensor.hpp"

#include <sys/resource.h>

#include "runtime/buffer_pool.hpp"
#include "runtime/storage.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using TensorTest = OneDevice;

TEST_F(TensorTest, RowsAreSharedByCopies) {
  Tensor tensor = Tensor::rows(device, {1, 1, 3, 5}, DataType::BFLOAT16, Layout::TILE, Placement::sharded(3));
  Tensor copy = tensor;
  copy.mutable_bf16()[14] = to_bfloat16(2.5F);
  EXPECT_EQ(to_float(tensor.bf16()[14]), 2.5F);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bf16().data()) % 64, 0U);
  EXPECT_EQ(&tensor.device(), &device);
  EXPECT_EQ(tensor.padded_shape(), (Shape{1, 1, 32, 32}));
  EXPECT_EQ(tensor.set_name("x").describe(), "tensor 'x' [1, 1, 3, 5] BFLOAT16 TILE sharded on dim 3");
  EXPECT_EQ(Tensor::rows(device, {3, 5}, DataType::UINT32, Layout::ROW_MAJOR, {}).padded_shape(),
            (Shape{3, 5}));
}

TEST_F(TensorTest, ReshapedAndPlacedSeeTheSameBytes) {
  const Tensor tensor = random_tensor(device, {1, 2, 3, 4}, 1);
  const Tensor other = tensor.reshaped({1, 1, 6, 4}).placed(Placement::sharded(3));
  EXPECT_EQ(other.bf16().data(), tensor.bf16().data());
  EXPECT_EQ(other.shape(), (Shape{1, 1, 6, 4}));
  EXPECT_TRUE(other.placement().is_sharded(3));
  expect_error(ExitCode::kFailure, {"[reshape]", "[1, 1, 5, 4]", "24"}, [&] {
    tensor.reshaped({1, 1, 5, 4});
  });
  const Tensor cache = Tensor::cache(device, {1, 1, 64, 32}, Format::kKeyCache, {});
  expect_error(ExitCode::kFailure, {"[reshape]", "key cache"}, [&] { cache.reshaped({64, 32}); });
  expect_error(ExitCode::kFailure, {"[placed]", "an empty tensor"}, [] { Tensor().placed({}); });
}

TEST_F(TensorTest, AccessorsRefuseOtherTypesAndFormats) {
  Tensor tensor = Tensor::rows(device, {1, 1, 2, 2}, DataType::FLOAT32, Layout::TILE, Placement::partial());
  EXPECT_EQ(tensor.mutable_f32().size(), 4U);
  expect_error(ExitCode::kFailure, {"[tensor]", "FLOAT32", "expected rows of BFLOAT16"},
               [&] { (void)tensor.bf16(); });
  expect_error(ExitCode::kFailure, {"expected rows of UINT32"}, [&] { (void)tensor.u32(); });
  const Tensor weight = weight_on_device(device, 4, 4, random_values(16, 1));
  expect_error(ExitCode::kFailure, {"linear weight 'w' [1, 1, 4, 4]"}, [&] { (void)weight.bf16(); });
  expect_error(ExitCode::kFailure, {"empty"}, [] { (void)Tensor().bf16(); });
  expect_error(ExitCode::kFailure, {"empty"}, [] { (void)Tensor().device(); });
  EXPECT_EQ(Tensor().describe(), "an empty tensor");
  expect_error(ExitCode::kFailure, {"FLOAT16", "host only"},
               [&] { Tensor::rows(device, {2}, DataType::FLOAT16, Layout::TILE, {}); });
}

TEST_F(TensorTest, CacheCostsAddressSpaceOnly) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const Tensor cache = Tensor::cache(device, {32, 8, 40000, 128}, Format::kValueCache, Placement::sharded(1));
  EXPECT_EQ(device.ledger().entry(MemoryUse::kKvCache).current, std::int64_t{32} * 8 * 40000 * 128 * 2);
  EXPECT_EQ(cache.storage().head_stride, 40000 * 128);
  EXPECT_EQ(cache.storage().as<bfloat16>()[std::int64_t{31} * 8 * 40000 * 128], bfloat16{0});
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 8 * 1024) << "KiB";
}

TEST_F(TensorTest, CacheRoundsTheLengthUpToTheKeyBlock) {
  const Tensor cache = Tensor::cache(device, {2, 3, 65, 32}, Format::kKeyCache, {});
  EXPECT_EQ(cache.shape(), (Shape{2, 3, 65, 32}));
  EXPECT_EQ(cache.storage().head_stride, 128 * 32);
}

TEST_F(TensorTest, CacheRefusesWhatTheKernelsCannot) {
  const auto make = [&](Shape shape, Format format) { Tensor::cache(device, shape, format, {}); };
  expect_error(ExitCode::kFailure, {"[cache]", "head_dim: got 48", "pad the heads"}, [&] {
    make({1, 1, 8, 48}, Format::kKeyCache);
  });
  expect_error(ExitCode::kFailure, {"head_dim: got 288"}, [&] { make({1, 1, 8, 288}, Format::kKeyCache); });
  expect_error(ExitCode::kFailure, {"without a zero"}, [&] { make({1, 1, 0, 32}, Format::kKeyCache); });
  expect_error(ExitCode::kFailure, {"[1, 8, 32]"}, [&] { make({1, 8, 32}, Format::kKeyCache); });
  expect_error(ExitCode::kFailure, {"got a tensor"}, [&] { make({1, 1, 8, 32}, Format::kRows); });
  expect_error(ExitCode::kFailure, {"[memory] cannot reserve", "bytes", "lower max_seq_len"}, [&] {
    make({32, 8, std::int64_t{1} << 34, 256}, Format::kKeyCache);
  });
  EXPECT_EQ(device.ledger().entry(MemoryUse::kKvCache).current, 0) << "nothing may stay claimed";
}

TEST_F(TensorTest, LedgerCountsTilesAndReleases) {
  Ledger& ledger = device.ledger();
  {
    const Tensor a = Tensor::rows(device, {1, 1, 1, 40}, DataType::BFLOAT16, Layout::TILE, {});
    const Tensor b = a.reshaped({40});
    EXPECT_EQ(ledger.entry(MemoryUse::kActivations).current, 32 * 64 * 2);
    const Tensor ids = Tensor::rows(device, {1, 1, 1, 40}, DataType::UINT32, Layout::ROW_MAJOR, {});
    EXPECT_EQ(ledger.entry(MemoryUse::kActivations).current, 32 * 64 * 2 + 160);
    const Tensor w = weight_on_device(device, 33, 5, random_values(33 * 5, 1));
    EXPECT_EQ(ledger.entry(MemoryUse::kWeights).current, 32 * 64 * 2);
    EXPECT_EQ(ledger.total().current, 2 * 32 * 64 * 2 + 160);
  }
  EXPECT_EQ(ledger.total().current, 0);
  EXPECT_EQ(ledger.total().peak, 2 * 32 * 64 * 2 + 160);
  EXPECT_EQ(ledger.entry(MemoryUse::kActivations).peak, 32 * 64 * 2 + 160);
  EXPECT_EQ(ledger.entry(MemoryUse::kKvCache).peak, 0);
  EXPECT_EQ(to_string(MemoryUse::kKvCache), "kv_cache");
}

TEST_F(TensorTest, ActivationsReuseMemory) {
  const void* first = nullptr;
  {
    const Tensor a = Tensor::rows(device, {1, 1, 64, 3000}, DataType::BFLOAT16, Layout::TILE, {});
    first = a.bf16().data();
  }
  EXPECT_GT(device.buffers().kept(), std::size_t{64} * 3000 * 2 - 1);
  const Tensor b = Tensor::rows(device, {1, 1, 64, 3001}, DataType::BFLOAT16, Layout::TILE, {});
  EXPECT_EQ(b.bf16().data(), first);
  EXPECT_EQ(device.buffers().kept(), 0U);
}

TEST_F(TensorTest, PoolKeepsAtMostItsLimitAndPrefersSmallOnes) {
  BufferPool pool;
  std::vector<MemoryBlock> blocks;
  blocks.push_back(pool.take(1000));
  for (int i = 0; i < 5; ++i) {
    blocks.push_back(pool.take(std::size_t{20} << 20));
  }
  for (MemoryBlock& block : blocks) {
    pool.give_back(std::move(block));
  }
  EXPECT_LE(pool.kept(), BufferPool::kKeep);
  EXPECT_GE(pool.kept(), std::size_t{60} << 20);
  const std::size_t kept = pool.kept();
  const MemoryBlock small = pool.take(500);
  EXPECT_EQ(pool.kept(), kept - small.size());
}

TEST(DeviceProfile, NamesTheBoards) {
  EXPECT_EQ(wormhole_profile(1).name, "n150");
  EXPECT_EQ(wormhole_profile(2).name, "n300 chip");
  EXPECT_EQ(wormhole_profile(8).name, "T3000 chip");
  EXPECT_EQ(wormhole_profile(5).name, "T3000 chip");
  EXPECT_EQ(wormhole_profile(9).name, "Galaxy chip");
  EXPECT_EQ(wormhole_profile(1).arch, "WORMHOLE_B0");
  EXPECT_EQ(wormhole_profile(1).links, 1);
  EXPECT_EQ(wormhole_profile(2).links, 2);
  EXPECT_EQ(wormhole_profile(8).links, 2);
  EXPECT_EQ(wormhole_profile(32).links, 4);
  EXPECT_EQ(wormhole_profile(8).core_grid_x, 8);
  EXPECT_EQ(wormhole_profile(8).core_grid_y, 8);
  EXPECT_EQ(wormhole_profile(1).dram_bytes, std::int64_t{12} * 1024 * 1024 * 1024);
  expect_error(ExitCode::kFailure, {"[device_profile]", "got 0"}, [] { wormhole_profile(0); });
  EXPECT_EQ(Placement::replicated().to_string(), "replicated");
  EXPECT_EQ(Placement::partial().to_string(), "partial");
}

}  // namespace
}  // namespace ttx::test
