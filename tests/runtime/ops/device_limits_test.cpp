// SPDX-License-Identifier: Apache-2.0
// What the hardware refuses: with the limits ignored every one of these calls goes through.
#include <functional>

#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

DeviceProfile with_limits(int devices = 1) {
  DeviceProfile profile = wormhole_profile(devices);
  profile.limits = DeviceLimits::kHold;
  return profile;
}

class DeviceLimitsTest : public testing::Test {
 protected:
  Device free{wormhole_profile(1), 1};
  Device bound{with_limits(), 1};

  /// `body` goes through on the free device and is refused on the bound one.
  void refuse(ExitCode code, std::initializer_list<std::string_view> pieces,
              const std::function<void(Device&)>& body) {
    EXPECT_NO_THROW(body(free));
    expect_error(code, pieces, [&] { body(bound); });
  }
};

void fill(Device& device, std::int64_t heads, std::int64_t rows, CoreGrid grid = {.x = 0, .y = 0}) {
  Tensor cache = Tensor::cache(device, {1, heads, 2048, 32}, Format::kKeyCache, {});
  Tensor input = random_tensor(device, {1, heads, rows, 32}, 1);
  if (grid.x > 0) {
    input = interleaved_to_sharded(
        input, create_sharded_memory_config(input.padded_shape(), grid, ShardStrategy::HEIGHT));
  }
  fill_cache(cache, input, 0);
}

TEST_F(DeviceLimitsTest, FillCacheMayHaveAWorkBlockPerCore) {
  // Heads, and the most positions of 64 cores.
  for (const auto& [heads, most] :
       {std::pair<std::int64_t, std::int64_t>{2, 1024}, {4, 512}, {8, 256}, {32, 64}}) {
    EXPECT_NO_THROW(fill(bound, heads, most));
    EXPECT_NO_THROW(fill(bound, heads, most - 31));
    const std::string blocks = "Number of work blocks (" + std::to_string(64 + heads) + ")";
    const std::string positions = "expected at most " + std::to_string(most) + " positions";
    refuse(ExitCode::kLength,
           {"[fill_cache]", blocks, "must be <= total grid size (64)", positions, "interleaved_to_sharded",
            "--prefill_decode", "larger mesh"},
           [&, heads = heads, most = most](Device& device) { fill(device, heads, most + 1); });
  }
  EXPECT_NO_THROW(fill(bound, 1, 2048));
}

TEST_F(DeviceLimitsTest, AShardedInputHasNoGridLimit) {
  EXPECT_NO_THROW(fill(bound, 8, 1000, {.x = 8, .y = 1}));
  EXPECT_NO_THROW(fill(bound, 8, 1024, {.x = 8, .y = 8}));
  refuse(ExitCode::kLength,
         {"[fill_cache] Seq len must be divisible by shard height", "parts of 128 rows", "one core per head"},
         [](Device& device) { fill(device, 8, 64, {.x = 4, .y = 1}); });
}

TEST_F(DeviceLimitsTest, ShardGridsLieWithinTheCores) {
  refuse(ExitCode::kFailure,
         {"[interleaved_to_sharded] core grid: got 16 x 1 cores, expected at most the 8 x 8"},
         [](Device& device) { fill(device, 16, 32, {.x = 16, .y = 1}); });
}

TEST_F(DeviceLimitsTest, RotaryWidth) {
  const auto turn = [](Device& device, std::int64_t width) {
    const Tensor table = random_tensor(device, {1, 1, 4, width}, 1);
    experimental::rotary_embedding(random_tensor(device, {1, 2, 4, width}, 2), table, table);
  };
  EXPECT_NO_THROW(turn(bound, 64));
  EXPECT_NO_THROW(turn(bound, 128));
  for (const std::int64_t width : {32, 96}) {
    const std::string text = "Input X dimension (" + std::to_string(width) + ") must be divisible by 64";
    refuse(ExitCode::kFailure, {"[rotary_embedding]", text, "padded_rope_tables"},
           [&](Device& device) { turn(device, width); });
  }
}

TEST_F(DeviceLimitsTest, DecodeHeads) {
  const auto split = [](Device& device, std::int64_t heads) {
    experimental::nlp_create_qkv_heads_decode(random_tensor(device, {1, 1, 1, (heads + 2) * 32}, 1),
                                              {.num_heads = heads, .num_kv_heads = 1});
  };
  EXPECT_NO_THROW(split(bound, 32));
  refuse(ExitCode::kFailure,
         {"[nlp_create_qkv_heads_decode] query heads of a decode step: got 40", "at most 32", "larger mesh"},
         [&](Device& device) { split(device, 40); });
}

TEST_F(DeviceLimitsTest, DecodeAttention) {
  const auto attend = [](Device& device, std::int64_t heads, std::int64_t length) {
    const Tensor keys = Tensor::cache(device, {1, 1, length, 32}, Format::kKeyCache, {});
    const Tensor values = Tensor::cache(device, {1, 1, length, 32}, Format::kValueCache, {});
    const std::vector<std::int64_t> position = {0};
    transformer::scaled_dot_product_attention_decode(random_tensor(device, {1, 1, heads, 32}, 1), keys,
                                                     values, position);
  };
  EXPECT_NO_THROW(attend(bound, 7, 96));
  refuse(ExitCode::kFailure, {"[scaled_dot_product_attention_decode] query heads", "got 33"},
         [&](Device& device) { attend(device, 33, 64); });
  refuse(ExitCode::kLength, {"cache length: got 100", "multiple of 32", "--max_seq_len"},
         [&](Device& device) { attend(device, 4, 100); });
}

TEST_F(DeviceLimitsTest, Dram) {
  // A cache costs address space only, so this takes no memory here: 32 users of 16 heads of 32768 positions
  // are 4 GiB.
  const auto cache = [](Device& device) {
    return Tensor::cache(device, {32, 16, 32768, 128}, Format::kKeyCache, {});
  };
  const std::vector<Tensor> held = {cache(free), cache(free), cache(free), cache(free)};
  EXPECT_GT(free.ledger().total().current, free.profile().dram_bytes);
  std::vector<Tensor> kept = {cache(bound), cache(bound)};
  kept.push_back(cache(bound));
  expect_error(ExitCode::kFailure,
               {"[dram] does not fit into one n150: got weights 0.00 GiB, kv_cache 12.00 GiB, activations "
                "0.00 GiB and "
                "4.00 GiB of kv_cache more, expected at most 12.00 GiB",
                "larger mesh", "bfloat8_b", "--max_seq_len"},
               [&] { cache(bound); });
  expect_error(ExitCode::kFailure, {"[dram]", "0.00 GiB of activations more"}, [&] {
    random_tensor(bound, {1, 1, 32, 32}, 1);
  });
  kept.pop_back();
  EXPECT_NO_THROW(cache(bound));
}

}  // namespace
}  // namespace ttx::test
