// SPDX-License-Identifier: Apache-2.0
#include "tests/models/reference/fixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ttx::test {

double worst_row_error(std::span<const float> a, std::span<const float> b, std::int64_t width) {
  const auto row = static_cast<std::size_t>(width);
  if (a.size() != b.size() || a.empty() || a.size() % row != 0) {
    return std::numeric_limits<double>::infinity();
  }
  double worst = 0;
  for (std::size_t begin = 0; begin < a.size(); begin += row) {
    double difference = 0;
    double largest = 0;
    for (std::size_t i = begin; i < begin + row; ++i) {
      if (!std::isfinite(a[i]) || !std::isfinite(b[i])) {
        return std::numeric_limits<double>::infinity();
      }
      difference = std::max(difference, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
      largest = std::max(largest, std::abs(static_cast<double>(b[i])));
    }
    worst = std::max(worst, difference / largest);
  }
  return worst;
}

std::vector<const reference::Fp32Math*> available_math() {
  using namespace reference;
  std::vector<const Fp32Math*> sets{&fp32_math_generic()};
  if (supports_avx2()) {
    sets.push_back(&fp32_math_avx2());
  }
  if (supports_avx512()) {
    sets.push_back(&fp32_math_avx512());
  }
  return sets;
}

}  // namespace ttx::test
