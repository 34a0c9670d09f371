// SPDX-License-Identifier: Apache-2.0
#include "models/common/rope.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace ttx {

RopeTables default_rope_tables(double theta, std::int64_t head_dim, std::int64_t length) {
  const std::int64_t half = head_dim / 2;
  std::vector<float> frequency(static_cast<std::size_t>(half));
  for (std::int64_t j = 0; j < half; ++j) {
    const float exponent = static_cast<float>(2 * j) / static_cast<float>(head_dim);
    const auto power = static_cast<float>(std::pow(theta, static_cast<double>(exponent)));
    frequency[static_cast<std::size_t>(j)] = 1.0F / power;
  }
  std::vector<float> cos(static_cast<std::size_t>(length * head_dim));
  std::vector<float> sin(cos.size());
  for (std::int64_t p = 0; p < length; ++p) {
    for (std::int64_t i = 0; i < head_dim; ++i) {
      const float angle = static_cast<float>(p) * frequency[static_cast<std::size_t>(i % half)];
      const auto at = static_cast<std::size_t>(p * head_dim + i);
      cos[at] = static_cast<float>(std::cos(static_cast<double>(angle)));
      sin[at] = static_cast<float>(std::sin(static_cast<double>(angle)));
    }
  }
  const Shape shape{1, 1, length, head_dim};
  return {HostTensor::from("rope cos", shape, std::move(cos)),
          HostTensor::from("rope sin", shape, std::move(sin))};
}

}  // namespace ttx
