// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "runtime/bfloat16.hpp"

namespace ttx {

/// Every value as fp32, exactly; `out` has room for as many.
void widen(std::span<const bfloat16> values, float* out);

}  // namespace ttx
