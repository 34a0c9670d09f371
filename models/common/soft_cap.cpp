// SPDX-License-Identifier: Apache-2.0
#include "models/common/soft_cap.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace ttx {

HostTensor soft_capped(const HostTensor& logits, double cap) {
  if (logits.empty()) {
    return logits;
  }
  std::vector<float> values = logits.to_floats();
  for (float& value : values) {
    value = static_cast<float>(cap * std::tanh(static_cast<double>(value) / cap));
  }
  return HostTensor::from(logits.name(), logits.shape(), std::move(values));
}

}  // namespace ttx
