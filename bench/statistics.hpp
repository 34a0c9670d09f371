// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace ttx::bench {

struct Quartiles {
  double low;
  double median;
  double high;
};

/// By linear interpolation between ranks; of a non-empty list.
Quartiles quartiles(std::vector<double> values);

}  // namespace ttx::bench
