// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/safetensors.hpp"
#include "tests/runtime/device_tensors.hpp"

/// The vectors of tests/fixtures/numerics and devices that compute as the hardware does.
namespace ttx::test {

inline HostTensor vector_of(const std::string& name) {
  static const SafetensorsFile file =
      SafetensorsFile::open(std::string(TTX_FIXTURES) + "/numerics/vectors.safetensors");
  return file.tensor(name);
}

inline std::vector<bfloat16> bf16_vector(const std::string& name) {
  const HostTensor host = vector_of(name);
  std::vector<bfloat16> values(at(host.shape().volume()));
  std::memcpy(values.data(), host.bytes().data(), host.bytes().size());
  return values;
}

inline std::vector<float> f32_vector(const std::string& name) {
  const HostTensor host = vector_of(name);
  std::vector<float> values(at(host.shape().volume()));
  std::memcpy(values.data(), host.bytes().data(), host.bytes().size());
  return values;
}

/// The bits of a vector as an activation of that shape.
inline Tensor vector_on_device(Device& device, const std::string& name, Shape shape,
                               Placement placement = {}) {
  Tensor tensor = Tensor::rows(device, shape, DataType::BFLOAT16, Layout::TILE, placement);
  const std::vector<bfloat16> values = bf16_vector(name);
  EXPECT_EQ(values.size(), tensor.bf16().size());
  std::copy(values.begin(), values.end(), tensor.mutable_bf16().begin());
  return tensor;
}

inline void expect_vector(std::span<const bfloat16> got, const std::string& name) {
  const std::vector<bfloat16> expected = bf16_vector(name);
  ASSERT_EQ(got.size(), expected.size()) << name;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(got[i].bits, expected[i].bits)
        << name << ": element " << i << " is " << to_float(got[i]) << ", expected " << to_float(expected[i]);
  }
}

inline DeviceProfile device_numerics_profile() {
  DeviceProfile profile = wormhole_profile(1);
  profile.numerics = Numerics::kDevice;
  return profile;
}

/// With one, two and three threads.
class DeviceNumerics : public ::testing::TestWithParam<int> {
 protected:
  Device device{device_numerics_profile(), GetParam()};
};

}  // namespace ttx::test
