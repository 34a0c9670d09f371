// SPDX-License-Identifier: Apache-2.0
#include "models/eval/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/error.hpp"

namespace ttx {

namespace {

double mean(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) {
    sum += static_cast<double>(value);
  }
  return sum / static_cast<double>(values.size());
}

}  // namespace

void Correlation::add(std::span<const float> x, std::span<const float> y) {
  TTX_CHECK(x.size() == y.size(), "correlation", "pairs of unequal counts: got {} and {}, expected as many",
            x.size(), y.size());
  if (x.empty()) {
    return;
  }
  const double mean_x = mean(x);
  const double mean_y = mean(y);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = static_cast<double>(x[i]) - mean_x;
    const double dy = static_cast<double>(y[i]) - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const auto more = static_cast<double>(x.size());
  const double all = count_ + more;
  const double between = count_ * more / all;
  const double step_x = mean_x - mean_x_;
  const double step_y = mean_y - mean_y_;
  xx_ += xx + step_x * step_x * between;
  yy_ += yy + step_y * step_y * between;
  xy_ += xy + step_x * step_y * between;
  mean_x_ += step_x * more / all;
  mean_y_ += step_y * more / all;
  count_ = all;
}

std::optional<double> Correlation::pearson() const {
  const double value = xy_ / (std::sqrt(xx_) * std::sqrt(yy_));
  if (!std::isfinite(value)) {
    return std::nullopt;
  }
  return std::clamp(value, -1.0, 1.0);
}

}  // namespace ttx
