// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_numerics/vectors.hpp"

namespace ttx::test {
namespace {

using DeviceRows = DeviceNumerics;

TEST_P(DeviceRows, RmsNorm) {
  const Tensor x = vector_on_device(device, "rms_norm.x", {1, 1, 3, 77});
  const Tensor weight = vector_on_device(device, "rms_norm.weight", {77});
  expect_vector(rms_norm(x, weight, 1e-6F).bf16(), "rms_norm.out");
}

TEST_P(DeviceRows, RotaryEmbedding) {
  const Tensor x = vector_on_device(device, "rotary.x", {1, 1, 5, 64});
  const Tensor cos = vector_on_device(device, "rotary.cos", {1, 1, 5, 64});
  const Tensor sin = vector_on_device(device, "rotary.sin", {1, 1, 5, 64});
  expect_vector(experimental::rotary_embedding(x, cos, sin).bf16(), "rotary.out");
}

TEST_P(DeviceRows, Elementwise) {
  const Tensor a = vector_on_device(device, "elementwise.a", {1, 1, 1, 301});
  const Tensor b = vector_on_device(device, "elementwise.b", {1, 1, 1, 301});
  expect_vector(add(a, b).bf16(), "elementwise.add");
  expect_vector(mul(a, b).bf16(), "elementwise.mul");
  expect_vector(mul(a, -1.3828125F).bf16(), "elementwise.mul_scalar");
  expect_vector(square(a).bf16(), "elementwise.square");
  expect_vector(relu(a).bf16(), "elementwise.relu");
  expect_vector(tanh(a).bf16(), "elementwise.tanh");
  expect_vector(silu(a).bf16(), "elementwise.silu");
  expect_vector(gelu(a, GeluApproximation::kErf).bf16(), "elementwise.gelu_erf");
  expect_vector(gelu(a, GeluApproximation::kTanh).bf16(), "elementwise.gelu_tanh");
}

TEST_P(DeviceRows, GelusAreTheExactOnesButForTies) {
  // The same function values, rounded with ties away from zero: random values have next to none.
  Device exact(wormhole_profile(1), 1);
  const std::vector<float> values = random_values(777, 9);
  for (const GeluApproximation form : {GeluApproximation::kErf, GeluApproximation::kTanh}) {
    expect_same_bits(values_of(gelu(on_device(device, {1, 1, 1, 777}, values), form)),
                     values_of(gelu(on_device(exact, {1, 1, 1, 777}, values), form)), "gelu");
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, DeviceRows, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace ttx::test
