// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include "runtime/ops.hpp"
#include "tests/runtime/device_numerics/vectors.hpp"

namespace ttx::test {
namespace {

constexpr std::int64_t kRows = 3;
constexpr std::int64_t kDepth = 77;
constexpr std::int64_t kColumns = 45;

Tensor weight_vector(Device& device, Placement placement = {}, SumBlocks blocks = {}) {
  return weight_on_device(device, kColumns, kDepth, vector_of("linear.w").to_floats(), placement, blocks);
}

using DeviceLinear = DeviceNumerics;

TEST_P(DeviceLinear, EveryFidelityAndAccumulator) {
  const Tensor x = vector_on_device(device, "linear.x", {1, 1, kRows, kDepth});
  const Tensor w = weight_vector(device);
  const Tensor bias = vector_on_device(device, "linear.bias", {1, 1, 1, kColumns});
  const std::tuple<const char*, MathFidelity> fidelities[] = {{"LoFi", MathFidelity::LoFi},
                                                              {"HiFi2", MathFidelity::HiFi2},
                                                              {"HiFi3", MathFidelity::HiFi3},
                                                              {"HiFi4", MathFidelity::HiFi4}};
  for (const auto& [name, fidelity] : fidelities) {
    for (const bool fp32 : {false, true}) {
      const std::string vector = std::string("linear.") + name + (fp32 ? ".fp32" : ".bf16");
      const ComputeKernelConfig config{fidelity, fp32};
      expect_vector(linear(x, w, {.compute_kernel_config = config}).bf16(), vector);
      expect_vector(linear(x, w, {.bias = bias, .compute_kernel_config = config}).bf16(), vector + ".bias");
    }
  }
}

TEST_P(DeviceLinear, IsHiFi2WithBfloat16SumsUnlessSaidOtherwise) {
  const Tensor x = vector_on_device(device, "linear.x", {1, 1, kRows, kDepth});
  expect_vector(linear(x, weight_vector(device)).bf16(), "linear.HiFi2.bf16");
}

TEST_P(DeviceLinear, ATermOfASumIsPacked) {
  SumBlocks blocks;
  blocks.count = 2;
  blocks.end = {40, kDepth};
  const Tensor x = vector_on_device(device, "linear.x", {1, 1, kRows, kDepth}, Placement::sharded(3));
  const Tensor out = linear(x, weight_vector(device, Placement::sharded(2), blocks));
  ASSERT_TRUE(out.placement().is_partial());
  std::vector<bfloat16> narrow;
  for (const float value : out.f32()) {
    narrow.push_back(to_bfloat16(value));
    EXPECT_EQ(to_float(narrow.back()), value);
  }
  expect_vector(narrow, "linear.HiFi2.bf16");
}

TEST_P(DeviceLinear, BlockFloatsAreTheirValues) {
  // Magnitudes from 2^-120 to 2^120, so that rare exponents come up too.
  for (const DataType dtype : {DataType::BFLOAT8_B, DataType::BFLOAT4_B}) {
    std::vector<float> values = random_values(kColumns * kDepth, 5);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int row = static_cast<int>(i % kDepth);
      values[i] = std::ldexp(values[i], row % 7 == 3 ? -123 : row % 7 == 5 ? 20 : 0);
    }
    Upload how;
    how.piece = {0, kColumns};
    how.sum_blocks.end[0] = kDepth;
    how.dtype = dtype;
    const Tensor packed = upload(device, HostTensor::from("w", {kColumns, kDepth}, values).transposed(), how);
    const std::vector<float> transposed = values_of(packed);
    for (std::int64_t k = 0; k < kDepth; ++k) {
      for (std::int64_t n = 0; n < kColumns; ++n) {
        values[at(n * kDepth + k)] = transposed[at(k * kColumns + n)];
      }
    }
    const Tensor x = vector_on_device(device, "linear.x", {1, 1, kRows, kDepth});
    expect_same_bits(values_of(linear(x, packed)),
                     values_of(linear(x, weight_on_device(device, kColumns, kDepth, values))), "values");
  }
}

TEST_P(DeviceLinear, RowsDoNotDependOnEachOther) {
  // More rows than share an unpacked tile.
  const Tensor many = random_tensor(device, {1, 1, 131, kDepth}, 3);
  const Tensor w = weight_vector(device);
  const std::vector<float> all = values_of(linear(many, w));
  for (const std::int64_t row : {0, 1, 127, 128, 130}) {
    const std::vector<float> one = values_of(linear(slice(many, {0, 0, row, 0}, {1, 1, row + 1, kDepth}), w));
    expect_same_bits(one, {all.begin() + row * kColumns, all.begin() + (row + 1) * kColumns}, "row");
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, DeviceLinear, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace ttx::test
