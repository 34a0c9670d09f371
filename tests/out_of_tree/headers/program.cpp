// SPDX-License-Identifier: Apache-2.0
//
// Adds two tensors on one device and prints the sum of the first two values: 1 + 2.
#include <cstdio>

#include "runtime/bfloat16.hpp"
#include "runtime/device.hpp"
#include "runtime/ops.hpp"
#include "runtime/tensor.hpp"

int main() {
  ttx::Device device(ttx::DeviceProfile{}, 1);
  const auto filled = [&](float value) {
    ttx::Tensor tensor =
        ttx::Tensor::rows(device, {1, 1, 32, 32}, ttx::DataType::BFLOAT16, ttx::Layout::TILE, {});
    for (ttx::bfloat16& element : tensor.mutable_bf16()) {
      element = ttx::to_bfloat16(value);
    }
    return tensor;
  };
  std::printf("%g\n", static_cast<double>(ttx::to_float(ttx::add(filled(1), filled(2)).bf16()[0])));
}
