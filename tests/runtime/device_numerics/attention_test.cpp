// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/attention.hpp"

#include <limits>

#include "runtime/ops.hpp"
#include "tests/runtime/device_numerics/vectors.hpp"

namespace ttx::test {
namespace {

using transformer::AttentionOptions;

struct Case {
  const char* name;
  AttentionOptions options;
};

std::vector<Case> cases() {
  return {{"default", {}},
          {"HiFi4.fp32", {.compute_kernel_config = ComputeKernelConfig{MathFidelity::HiFi4, true}}},
          {"window", {.sliding_window_size = 19, .logit_softcap = 2.5F}}};
}

using DeviceAttention = DeviceNumerics;

TEST_P(DeviceAttention, Prefill) {
  const Tensor q = vector_on_device(device, "attention.q", {1, 4, 37, 32});
  const Tensor k = vector_on_device(device, "attention.k", {1, 2, 37, 32});
  const Tensor v = vector_on_device(device, "attention.v", {1, 2, 37, 32});
  for (const Case& c : cases()) {
    expect_vector(transformer::scaled_dot_product_attention(q, k, v, c.options).bf16(),
                  std::string("attention.prefill.") + c.name);
  }
}

TEST_P(DeviceAttention, DecodeOverACache) {
  const Tensor keys = vector_on_device(device, "attention.keys", {1, 2, 192, 32});
  Tensor values = vector_on_device(device, "attention.values", {1, 2, 192, 32});
  // What lies behind the position is never read.
  values.mutable_bf16()[at(150 * 32)] = to_bfloat16(std::numeric_limits<float>::quiet_NaN());
  Tensor k_cache = Tensor::cache(device, {32, 2, 192, 32}, Format::kKeyCache, {});
  Tensor v_cache = Tensor::cache(device, {32, 2, 192, 32}, Format::kValueCache, {});
  fill_cache(k_cache, keys, 0);
  fill_cache(v_cache, values, 0);
  const Tensor queries = vector_on_device(device, "attention.q", {1, 4, 37, 32});
  const Tensor q = transpose(slice(queries, {0, 0, 0, 0}, {1, 4, 1, 32}), 1, 2);
  const std::int64_t position[] = {149};
  for (const Case& c : cases()) {
    expect_vector(
        transformer::scaled_dot_product_attention_decode(q, k_cache, v_cache, position, c.options).bf16(),
        std::string("attention.decode.") + c.name);
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, DeviceAttention, ::testing::Values(1, 2, 3));

TEST(DeviceAttentionChunk, IsThePowerOfTwoThatDividesTheCache) {
  EXPECT_EQ(device_numerics::decode_chunk(2048), 512);
  EXPECT_EQ(device_numerics::decode_chunk(256), 256);
  EXPECT_EQ(device_numerics::decode_chunk(192), 64);
  EXPECT_EQ(device_numerics::decode_chunk(96), 32);
  EXPECT_EQ(device_numerics::decode_chunk(100), 32);
}

}  // namespace
}  // namespace ttx::test
