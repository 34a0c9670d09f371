// SPDX-License-Identifier: Apache-2.0
#include "runtime/widen.hpp"

#include "kernels/table.hpp"

namespace ttx {

void widen(std::span<const bfloat16> values, float* out) {
  kernels::active().widen(values.data(), std::ssize(values), out);
}

}  // namespace ttx
