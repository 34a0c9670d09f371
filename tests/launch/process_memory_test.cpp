// SPDX-License-Identifier: Apache-2.0
#include "launch/process_memory.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "launch/memory_table.hpp"
#include "runtime/held_memory.hpp"
#include "runtime/memory_block.hpp"

namespace ttx::launch {
namespace {

using ::testing::HasSubstr;

TEST(ProcessMemory, MappingsCountByTheirFile) {
  std::istringstream smaps(
      "55d0-55d4 r-xp 00000000 fe:00 1234                       /usr/bin/ttx-eval\n"
      "Size:                  4 kB\nRss:                   4 kB\nPss:                   1 kB\nPss_Dirty: 9 "
      "kB\n"
      "7f00-7f10 r--s 00000000 fe:00 99     /models/a model/model-00001-of-00002.safetensors\nPss: 20 kB\n"
      "7f10-7f20 r--s 00000000 fe:00 98     /cache/weights/0123-45.panels\nPss: 300 kB\n"
      "7f20-7f30 r--s 00000000 fe:00 97     /cache/weights/.0123-45.panels.67.tmp (deleted)\nPss: 1000 kB\n"
      "7f30-7f40 rw-s 00000000 00:19 96     /dev/shm/vader_segment.vm.0.5a.1\nPss: 4000 kB\n"
      "7f40-7f50 rw-s 00000000 fe:00 95     /tmp/ompi.vm.0/pid.1/1/osc_sm.vm.5a.0.6 (deleted)\nPss: 50000 "
      "kB\n"
      "7f50-7f60 rw-p 00000000 00:00 0      [heap]\nPss: 600000 kB\n"
      "7f60-7f70 rw-p 00000000 00:00 0 \nPss: 7000000 kB\n"
      "7fff-7fff rw-p 00000000 00:00 0      [stack]\nPss: 3 kB\n");
  const ProcessMemory memory = memory_of_mappings(smaps);
  EXPECT_EQ(memory.libraries, 1024 * 1);
  EXPECT_EQ(memory.checkpoint, 1024 * 20);
  EXPECT_EQ(memory.weights, 1024 * 1300);
  EXPECT_EQ(memory.window, 1024 * 54000);
  EXPECT_EQ(memory.heap, std::int64_t{1024} * 7600003);
  EXPECT_EQ(memory.sum(),
            memory.libraries + memory.checkpoint + memory.weights + memory.window + memory.heap);
}

TEST(ProcessMemory, BlocksCountWhereTheyAreTouched) {
  constexpr std::size_t kBytes = std::size_t{8} << 20;
  const std::int64_t before = held_memory::resident(MemoryUse::kKvCache);
  {
    const MemoryBlock cache = MemoryBlock::reserve(kBytes);
    EXPECT_EQ(held_memory::resident(MemoryUse::kKvCache), before);
    std::memset(cache.data() + 4096, 1, 3 * 4096);
    EXPECT_EQ(held_memory::resident(MemoryUse::kKvCache), before + 3 * 4096);
    const ProcessMemory memory = process_memory();
    EXPECT_EQ(memory.kv_cache, before + 3 * 4096);
    EXPECT_GT(memory.heap, 0);
    EXPECT_GT(memory.libraries, 0);
  }
  EXPECT_EQ(held_memory::resident(MemoryUse::kKvCache), before);
  // From the heap, and from a map; a moved block is the same block.
  for (const std::size_t bytes : {std::size_t{10'000}, std::size_t{5'000'000}}) {
    MemoryBlock weights = MemoryBlock::allocate(bytes, MemoryUse::kWeights);
    std::memset(weights.data(), 1, bytes);
    const MemoryBlock moved = std::move(weights);
    EXPECT_EQ(held_memory::resident(MemoryUse::kWeights), static_cast<std::int64_t>(bytes));
    const MemoryBlock view = MemoryBlock::view({moved.data(), 100}, nullptr);
    EXPECT_EQ(held_memory::resident(MemoryUse::kWeights), static_cast<std::int64_t>(bytes)) << "no block";
  }
  EXPECT_EQ(held_memory::resident(MemoryUse::kWeights), 0);
}

TEST(MemoryTable, HasARowForEachDeviceAndOneForAll) {
  DeviceMemory device;
  device.process.weights = 1'000'000;
  device.process.kv_cache = 20'000;
  device.process.heap = 5'000'000;
  device.resident = 6'100'000;
  const std::string text = memory_table({device, device});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  for (const char* piece : {"kernel says", "1.00", "0.02", "6.02", "6.10", "12.04", "12.20"}) {
    EXPECT_THAT(text, HasSubstr(piece));
  }
}

}  // namespace
}  // namespace ttx::launch
