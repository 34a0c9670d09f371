// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "runtime/ops.hpp"

namespace ttx::ops {

/// Where the results of x by all the weights lie, by the table in ops.hpp. Throws Error where one does not
/// fit.
Placement check_linear(const Tensor& x, std::span<const LinearWeight> weights);

}  // namespace ttx::ops
