// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/bfloat16.hpp"
#include "runtime/device.hpp"
#include "runtime/device_profile.hpp"
#include "runtime/tensor.hpp"

/// What the tests of tensors and ops share: values that are bfloat16 already, and ways onto a device and
/// back.
namespace ttx::test {

inline std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

inline float rounded(float x) { return to_float(to_bfloat16(x)); }

/// Normal with deviation 1, rounded to bfloat16; the same for the same seed.
inline std::vector<float> random_values(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(at(count));
  for (float& value : values) {
    value = rounded(normal(generator));
  }
  return values;
}

inline Tensor on_device(Device& device, Shape shape, const std::vector<float>& values,
                        Placement placement = {}) {
  Tensor tensor = Tensor::rows(device, shape, DataType::BFLOAT16, Layout::TILE, placement);
  EXPECT_EQ(values.size(), tensor.bf16().size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    tensor.mutable_bf16()[i] = to_bfloat16(values[i]);
  }
  return tensor;
}

inline Tensor random_tensor(Device& device, Shape shape, unsigned seed, Placement placement = {}) {
  return on_device(device, shape, random_values(shape.volume(), seed), placement);
}

inline Tensor ids_on_device(Device& device, const std::vector<std::uint32_t>& ids) {
  Tensor tensor = Tensor::rows(device, {1, 1, 1, static_cast<std::int64_t>(ids.size())}, DataType::UINT32,
                               Layout::ROW_MAJOR, Placement::replicated());
  std::copy(ids.begin(), ids.end(), tensor.mutable_u32().begin());
  return tensor;
}

/// A whole linear weight of values [n][k], as a checkpoint holds them.
inline Tensor weight_on_device(Device& device, std::int64_t n, std::int64_t k, std::vector<float> values,
                               Placement placement = {}, SumBlocks blocks = {}) {
  Upload how;
  how.placement = placement;
  how.piece = placement.is_sharded(2) ? Range{0, k} : Range{0, n};
  how.sum_blocks = blocks;
  if (blocks.count == 1) {
    how.sum_blocks.end[0] = k;
  }
  return upload(device, HostTensor::from("w", {n, k}, std::move(values)).transposed(), how);
}

inline std::vector<float> values_of(const Tensor& tensor) { return download(tensor).to_floats(); }

/// Equal bit for bit, -0 and +0 told apart.
inline void expect_same_bits(const std::vector<float>& got, const std::vector<float>& expected,
                             const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(got[i]), std::bit_cast<std::uint32_t>(expected[i]))
        << what << ": element " << i << " is " << got[i] << ", expected " << expected[i];
  }
}

inline void expect_close(const std::vector<float>& got, const std::vector<double>& expected, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_TRUE(std::isfinite(got[i])) << what << ": element " << i;
    if (std::abs(got[i] - expected[i]) > std::abs(got[worst] - expected[worst])) {
      worst = i;
    }
  }
  if (!got.empty()) {
    EXPECT_LE(std::abs(got[worst] - expected[worst]), tolerance)
        << what << ": element " << worst << " is " << got[worst] << ", expected " << expected[worst];
  }
}

/// Devices with one, two and three threads: results must not differ.
class ThreadCounts : public ::testing::TestWithParam<int> {
 protected:
  Device device{wormhole_profile(1), GetParam()};
};

class OneDevice : public ::testing::Test {
 protected:
  Device device{wormhole_profile(1), 2};
};

}  // namespace ttx::test
