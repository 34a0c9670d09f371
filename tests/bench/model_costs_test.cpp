// SPDX-License-Identifier: Apache-2.0
//
// What a step must move and multiply, beside sums written out by hand.
#include "bench/model_costs.hpp"

#include <gtest/gtest.h>

#include "launch/plan_devices.hpp"
#include "models/common/model_module.hpp"
#include "tests/launch/eval_command.hpp"

namespace ttx::bench {
namespace {

class Costs : public testing::Test {
 protected:
  ModelCosts of(const std::string& system) const {
    const LoadedModule module(test::bring_up(system));
    return {launch::plan_devices(*module, checkpoint_, module->mesh_shape, {}), checkpoint_};
  }

  hf::Checkpoint checkpoint_ = hf::Checkpoint::open(test::tiny_checkpoint());
};

// qwen3-odd-a: hidden 80, intermediate 176, 16 heads and 8 KV heads of 32, 2 layers, 331 tokens. Tiles are
// padded to 32.
constexpr double kLayerBytes = 2.0 * (512 * 96 + 2 * 256 * 96 + 96 * 512 + 2 * 192 * 96 + 96 * 192);
constexpr double kHeadBytes = 2.0 * 352 * 96;
constexpr double kLayerWeights = 512 * 80 + 2 * 256 * 80 + 80 * 512 + 3 * 176 * 80;
constexpr double kHeadWeights = 331 * 80;
constexpr double kPositionBytes = 2.0 * 2 * 2 * 8 * 32;  // layers, keys and values, bytes, heads, head_dim

TEST_F(Costs, ReadsWeightsAndTheKeysBefore) {
  const ModelCosts costs = of("n150");
  EXPECT_EQ(costs.weight_bytes(), 2 * kLayerBytes + kHeadBytes);
  EXPECT_EQ(costs.weight_types(), "BFLOAT16");
  EXPECT_EQ(costs.position_bytes(), kPositionBytes);
  EXPECT_EQ(costs.decode_bytes(0), costs.weight_bytes() + kPositionBytes);
  EXPECT_EQ(costs.decode_bytes(9), costs.weight_bytes() + 10 * kPositionBytes);
  EXPECT_EQ(costs.prefill_bytes(7), costs.weight_bytes() + 7 * kPositionBytes);
}

TEST_F(Costs, MultipliesEveryWeightAndEveryKeySeen) {
  const ModelCosts costs = of("n150");
  const double per_key = 4.0 * 2 * 512;  // layers, query width
  EXPECT_EQ(costs.attention_flops(0, 1), per_key);
  EXPECT_EQ(costs.attention_flops(4, 2), per_key * (5 + 6));
  EXPECT_EQ(costs.decode_flops(4), 2 * (2 * kLayerWeights + kHeadWeights) + 5 * per_key);
  EXPECT_EQ(costs.prefill_flops(3), 2 * (3 * 2 * kLayerWeights + kHeadWeights) + (1 + 2 + 3) * per_key);
}

TEST_F(Costs, AreThoseOfAllDevicesTogether) {
  const ModelCosts one = of("n150");
  const ModelCosts two = of("n300");
  EXPECT_EQ(two.position_bytes(), one.position_bytes());
  EXPECT_EQ(two.decode_flops(5), one.decode_flops(5));
}

}  // namespace
}  // namespace ttx::bench
